-- description: Servers that stream from this one; fewer than there should be is a replica that ages
-- unit: Count
-- timeout: 5s
-- tier: minute
-- node: primary
-- origin: pgwatch

SELECT count(*) AS metric_value
FROM pg_stat_replication AS sender
LEFT JOIN pg_replication_slots AS slot ON slot.active_pid = sender.pid
WHERE sender.state = 'streaming'
  AND sender.replay_lsn IS NOT NULL
  AND slot.slot_type IS DISTINCT FROM 'logical'
