-- description: How long the session that has waited longest for a lock has waited
-- unit: Seconds
-- timeout: 5s
-- tier: minute
-- node: any
-- origin: pgwatch

SELECT greatest(extract(epoch FROM now() - min(waited.waitstart)), 0) AS metric_value
FROM pg_locks AS waited
JOIN pg_stat_activity AS session USING (pid)
WHERE NOT waited.granted
  AND session.backend_type = 'client backend'
