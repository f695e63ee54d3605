-- description: Deadlocks since the last run; each ended a transaction, which the application has to repeat
-- unit: Count
-- timeout: 5s
-- tier: minute
-- node: primary
-- kind: difference
-- origin: pgwatch, postgres_exporter

SELECT deadlocks AS metric_value, stats_reset AS counted_since
FROM pg_stat_database
WHERE datname = current_database()
