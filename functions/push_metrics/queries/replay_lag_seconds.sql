-- description: Age of what a replica's readers see; 0 while it streams and has replayed all that it received
-- unit: Seconds
-- timeout: 5s
-- tier: minute
-- node: replica
-- origin: pgwatch, postgres_exporter, pgmonitor

SELECT CASE
    WHEN EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')
        AND pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn() THEN 0
    -- No data where it has replayed no transaction since its start: greatest() alone would make 0 of that.
    ELSE extract(epoch FROM greatest(now(), last.replayed_at) - last.replayed_at)
END AS metric_value
FROM pg_last_xact_replay_timestamp() AS last (replayed_at)
WHERE pg_is_in_recovery()
