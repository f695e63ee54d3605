-- description: Log kept for the slot furthest behind; while nobody reads that slot, it grows until the disk is full
-- unit: Bytes
-- timeout: 5s
-- tier: minute
-- node: primary
-- origin: pgwatch, postgres_exporter, pgmonitor

SELECT coalesce(max(greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)), 0) AS metric_value
FROM pg_replication_slots
WHERE NOT pg_is_in_recovery()
