-- description: Log that a replica has not replayed yet; right while nothing is written, too, unlike a time
-- unit: Bytes
-- timeout: 5s
-- tier: minute
-- node: primary
-- dimensions: replica
-- at_most: 15
-- origin: pgwatch, postgres_exporter, pgmonitor

SELECT
    -- On RDS all replicas call themselves walreceiver; the name of a replica's slot ends with its resource id.
    regexp_replace(
        coalesce(slot.slot_name, nullif(sender.application_name, 'walreceiver'), host(sender.client_addr), 'unknown'),
        '[^ -~]', '?', 'g'
    ) AS replica,
    max(greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), sender.replay_lsn), 0)) AS metric_value
FROM pg_stat_replication AS sender
LEFT JOIN pg_replication_slots AS slot ON slot.active_pid = sender.pid
WHERE NOT pg_is_in_recovery()
  AND sender.replay_lsn IS NOT NULL
  AND slot.slot_type IS DISTINCT FROM 'logical'
GROUP BY replica
ORDER BY metric_value DESC, replica
LIMIT 15
