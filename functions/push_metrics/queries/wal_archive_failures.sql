-- description: Failed attempts since the last run to archive the log; what is not archived cannot be restored
-- unit: Count
-- timeout: 5s
-- tier: minute
-- node: primary
-- kind: difference
-- origin: pgwatch, postgres_exporter, pgmonitor

SELECT failed_count AS metric_value, stats_reset AS counted_since
FROM pg_stat_archiver
