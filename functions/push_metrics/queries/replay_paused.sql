-- description: 1 while somebody has paused the replay of a replica, else 0; its readers see an ever older state
-- unit: Count
-- timeout: 5s
-- tier: minute
-- node: replica
-- origin: pgmonitor

SELECT CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused()::integer END AS metric_value
