-- description: Log that the primary has written, as a replica hears of it, and its readers do not see yet
-- unit: Bytes
-- timeout: 5s
-- tier: minute
-- node: replica
-- origin: pgwatch, pgmonitor

-- No data while it receives nothing: what it lacks then is known by the primary alone.
SELECT max(greatest(pg_wal_lsn_diff(
    greatest(latest_end_lsn, pg_last_wal_receive_lsn()), pg_last_wal_replay_lsn()
), 0)) AS metric_value
FROM pg_stat_wal_receiver
WHERE status = 'streaming'
