-- description: How long the longest of the queries that run now has been running, waiting for locks included
-- unit: Seconds
-- timeout: 5s
-- tier: minute
-- node: any
-- origin: pgwatch, pgmonitor

SELECT greatest(extract(epoch FROM now() - min(query_start)), 0) AS metric_value
FROM pg_stat_activity
WHERE backend_type = 'client backend'
  AND state = 'active'
