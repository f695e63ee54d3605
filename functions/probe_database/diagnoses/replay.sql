-- What a replica does while it applies the primary's log: how far it is, its longest queries (with normalised text, once a query of its kind has ended), and what it cancelled.
WITH texts AS (
    SELECT queryid, dbid, userid, query
    FROM pg_stat_statements
    WHERE query ~* '^[\s(]*(select|insert|update|delete|merge|with|values)\M'
)
SELECT line, statement FROM (
    SELECT CASE WHEN NOT pg_is_in_recovery() THEN 'this server applies no log: it is no replica'
                ELSE format('received and not applied yet: %s; the last transaction applied is of %s ago; replay is %s',
                            coalesce(pg_size_pretty(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())), 'unknown, because it receives nothing'),
                            coalesce(date_trunc('second', clock_timestamp() - pg_last_xact_replay_timestamp())::text, 'an unknown time'),
                            CASE WHEN pg_is_wal_replay_paused() THEN 'PAUSED' ELSE 'running' END) END AS line,
           NULL::text AS statement, 0 AS position, NULL::interval AS age
    UNION ALL
    SELECT format('longest query here: %s, pid %s, for %s', a.usename, a.pid, date_trunc('second', a.age)), texts.query, 1, a.age
    FROM (
        SELECT pid, usename, query_id, datid, usesysid, clock_timestamp() - query_start AS age
        FROM pg_stat_activity
        WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        ORDER BY query_start
        LIMIT 5
    ) AS a
    LEFT JOIN texts ON texts.queryid = a.query_id AND texts.dbid = a.datid AND texts.userid = a.usesysid
    UNION ALL
    SELECT format('open transaction without a query: %s, pid %s, for %s', usename, pid, date_trunc('second', clock_timestamp() - xact_start)), NULL, 2,
           clock_timestamp() - xact_start
    FROM (
        SELECT usename, pid, xact_start FROM pg_stat_activity
        WHERE state LIKE 'idle in transaction%' AND backend_type = 'client backend'
        ORDER BY xact_start
        LIMIT 2
    ) AS idle
    UNION ALL
    SELECT format('queries cancelled here since the statistics began, because they stood in the way of the log: %s',
                  confl_tablespace + confl_lock + confl_snapshot + confl_bufferpin + confl_deadlock), NULL, 3, NULL
    FROM pg_stat_database_conflicts
    WHERE datname = current_database()
) AS found
ORDER BY position, age DESC
LIMIT 10
