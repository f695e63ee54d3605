-- description: Deleted rows that still take space, in the five worst tables; growth alone: vacuum cannot remove them
-- unit: Count
-- timeout: 5s
-- tier: five_minutes
-- node: primary
-- dimensions: table
-- at_most: 5
-- origin: pgwatch, postgres_exporter

SELECT regexp_replace(format('%I.%I', schemaname, relname), '[^ -~]', '?', 'g') AS "table",
    max(n_dead_tup) AS metric_value
FROM pg_stat_user_tables
-- A temporary table is its session's own business: autovacuum does not come by.
WHERE NOT starts_with(schemaname, 'pg_temp_')
GROUP BY "table"
ORDER BY metric_value DESC, "table"
LIMIT 5
