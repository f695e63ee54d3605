-- How fast the write-ahead log grows (measured for half a second), who follows it how far behind, and what keeps it.
WITH first AS MATERIALIZED (
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END AS lsn, clock_timestamp() AS at
), waited AS MATERIALIZED (
    SELECT lsn, at, pg_sleep(0.5)::text AS nothing FROM first
), later AS MATERIALIZED (
    SELECT lsn AS before, at,
           CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END AS lsn, clock_timestamp() AS now
    FROM waited
    WHERE nothing IS NOT NULL
)
SELECT 'write-ahead log: ' || coalesce(pg_size_pretty(round(pg_wal_lsn_diff(lsn, before) / greatest(extract(epoch FROM now - at), 0.001))) || ' a second',
                                       'unknown, because it receives nothing') AS line,
       0 AS position, NULL::numeric AS bytes
FROM later
UNION ALL
SELECT format('%s: %s, %s behind, %s late', coalesce(s.slot_name::text, nullif(r.application_name, ''), 'unnamed'), r.state,
              pg_size_pretty(pg_wal_lsn_diff(later.lsn, r.replay_lsn)), coalesce(date_trunc('milliseconds', r.replay_lag)::text, 'nothing under way, 0')),
       1, pg_wal_lsn_diff(later.lsn, r.replay_lsn)
FROM later CROSS JOIN pg_stat_replication AS r LEFT JOIN pg_replication_slots AS s ON s.active_pid = r.pid
UNION ALL
SELECT format('slot %s: %s, keeps %s of the log (%s)', slot_name, CASE WHEN active THEN 'in use' ELSE 'NOT in use' END,
              pg_size_pretty(pg_wal_lsn_diff(later.lsn, restart_lsn)), wal_status),
       2, pg_wal_lsn_diff(later.lsn, restart_lsn)
FROM later CROSS JOIN pg_replication_slots
WHERE restart_lsn IS NOT NULL
UNION ALL
SELECT format('longest transaction here: %s, %s, for %s', usename, state, date_trunc('second', clock_timestamp() - xact_start)), 3,
       extract(epoch FROM clock_timestamp() - xact_start)
FROM (
    SELECT usename, state, xact_start
    FROM pg_stat_activity
    WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    ORDER BY xact_start
    LIMIT 1
) AS longest
ORDER BY position, bytes DESC
LIMIT 10
