-- description: Damaged pages found since the last run; one is enough: the storage lost data, think of restoring
-- unit: Count
-- timeout: 5s
-- tier: minute
-- node: any
-- kind: difference
-- origin: pgwatch, pgmonitor

SELECT sum(checksum_failures) AS metric_value, max(stats_reset) AS counted_since
FROM pg_stat_database
