-- description: Pages read since the last run that were in shared_buffers; a fall means that the work outgrew it
-- unit: Percent
-- timeout: 5s
-- tier: minute
-- node: any
-- kind: ratio
-- origin: pgwatch, postgres_exporter

SELECT blks_hit AS metric_value, blks_hit + blks_read AS metric_total, stats_reset AS counted_since
FROM pg_stat_database
WHERE datname = current_database()
