-- description: Queries on a replica that were cancelled since the last run because the replay did not wait for them
-- unit: Count
-- timeout: 5s
-- tier: minute
-- node: replica
-- kind: difference
-- origin: pgwatch, postgres_exporter

SELECT conflicts AS metric_value, stats_reset AS counted_since
FROM pg_stat_database
WHERE datname = current_database()
