-- description: Checkpoints since the last run that came before their time; many: max_wal_size is too small
-- unit: Count
-- timeout: 5s
-- tier: five_minutes
-- node: primary
-- kind: difference
-- origin: pgwatch, postgres_exporter

SELECT checkpoints_req AS metric_value, stats_reset AS counted_since
FROM pg_stat_bgwriter
