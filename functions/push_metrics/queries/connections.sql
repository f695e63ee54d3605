-- description: Connections by what they do, this one among them; many idle ones are pools that are too large
-- unit: Count
-- timeout: 5s
-- tier: minute
-- node: any
-- dimensions: state
-- at_most: 4
-- origin: pgwatch, postgres_exporter, pgmonitor

SELECT known.state, count(session.pid) AS metric_value
FROM (VALUES ('active'), ('idle'), ('idle in transaction'), ('other')) AS known (state)
LEFT JOIN pg_stat_activity AS session
    ON session.backend_type = 'client backend'
    AND known.state = CASE
        WHEN session.state IN ('active', 'idle') THEN session.state
        WHEN session.state LIKE 'idle in transaction%' THEN 'idle in transaction'
        ELSE 'other'
    END
GROUP BY known.state
ORDER BY known.state
LIMIT 4
