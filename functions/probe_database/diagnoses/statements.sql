-- What runs now and what cost most since the statistics began; normalised text, and of statements that can hold no password.
WITH texts AS (
    SELECT queryid, dbid, userid, query, calls, total_exec_time, sum(total_exec_time) OVER () AS everything
    FROM pg_stat_statements
    WHERE query ~* '^[\s(]*(select|insert|update|delete|merge|with|values)\M'
), running AS (
    SELECT 'runs now' AS what, a.queryid, a.sessions, a.longest, texts.query
    FROM (
        SELECT query_id AS queryid, datid, usesysid, count(*) AS sessions, max(clock_timestamp() - query_start) AS longest
        FROM pg_stat_activity
        WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        GROUP BY 1, 2, 3
    ) AS a
    JOIN texts ON texts.queryid = a.queryid AND texts.dbid = a.datid AND texts.userid = a.usesysid
)
SELECT * FROM (
    SELECT format('%s in %s sessions, for %s at most', what, sessions, date_trunc('second', longest)) AS line, query AS statement
    FROM running
    ORDER BY sessions DESC, longest DESC
    LIMIT 3
) AS now
UNION ALL
SELECT * FROM (
    SELECT format('%s %% of all time: %s calls, %s ms each', round((100 * total_exec_time / nullif(everything, 0))::numeric, 1), calls,
                  round((total_exec_time / nullif(calls, 0))::numeric, 1)), query
    FROM texts
    ORDER BY total_exec_time DESC
    LIMIT 5
) AS total
