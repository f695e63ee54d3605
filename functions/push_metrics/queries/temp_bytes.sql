-- description: Written to temporary files since the last run, by sorts and joins that work_mem was too small for
-- unit: Bytes
-- timeout: 5s
-- tier: minute
-- node: any
-- kind: difference
-- origin: pgwatch, postgres_exporter

SELECT temp_bytes AS metric_value, stats_reset AS counted_since
FROM pg_stat_database
WHERE datname = current_database()
