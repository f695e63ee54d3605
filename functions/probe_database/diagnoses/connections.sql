-- Who holds the connections: by role and state, the most first, and for how long at most.
WITH sessions AS (
    SELECT usename, coalesce(state, 'state unknown') AS state, count(*) AS number, max(clock_timestamp() - state_change) AS longest
    FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
    GROUP BY 1, 2
)
SELECT format('%s of %s connections are in use', coalesce(sum(number), 0), current_setting('max_connections')) AS line, 0 AS position
FROM sessions
UNION ALL
SELECT format('%s, %s: %s, for %s at most', usename, state, number, date_trunc('second', longest)),
       row_number() OVER (ORDER BY number DESC, usename, state)
FROM sessions
ORDER BY position
LIMIT 10
