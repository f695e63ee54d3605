-- description: Transactions since the last run that were rolled back, in per cent; look at a rise over the usual
-- unit: Percent
-- timeout: 5s
-- tier: minute
-- node: any
-- kind: ratio
-- origin: pgwatch, postgres_exporter

SELECT xact_rollback AS metric_value, xact_commit + xact_rollback AS metric_total, stats_reset AS counted_since
FROM pg_stat_database
WHERE datname = current_database()
