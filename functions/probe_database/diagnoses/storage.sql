-- What fills the disk: databases, write-ahead log, temporary files, slots that keep log, and the largest tables with their indexes.
SELECT line FROM (
    SELECT format('database %s: %s, temporary files so far %s', datname, pg_size_pretty(pg_database_size(oid)),
                  pg_size_pretty(pg_stat_get_db_temp_bytes(oid))) AS line, 0 AS position, pg_database_size(oid)::numeric AS bytes
    FROM pg_database
    WHERE datname = current_database()
    UNION ALL
    SELECT format('write-ahead log: %s', pg_size_pretty(sum(size))), 1, sum(size)
    FROM pg_ls_waldir()
    UNION ALL
    SELECT format('slot %s (%s) keeps %s of the log', slot_name, CASE WHEN active THEN 'in use' ELSE 'NOT in use' END, pg_size_pretty(kept)), 2, kept
    FROM (
        SELECT slot_name, active,
               pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, restart_lsn) AS kept
        FROM pg_replication_slots
    ) AS slots
    WHERE kept IS NOT NULL
    UNION ALL
    SELECT * FROM (
        SELECT format('table %s: %s, of it indexes %s', t.oid::regclass, pg_size_pretty(pg_total_relation_size(t.oid)),
                      pg_size_pretty(pg_indexes_size(t.oid))), 3, pg_total_relation_size(t.oid)::numeric AS bytes
        FROM pg_class AS t
        WHERE t.relkind IN ('r', 'm')
        ORDER BY bytes DESC
        LIMIT 5
    ) AS tables
) AS found
ORDER BY position, bytes DESC
LIMIT 10
