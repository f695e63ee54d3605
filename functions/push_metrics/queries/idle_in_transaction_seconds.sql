-- description: How long an open transaction has done nothing; it keeps its locks and its connection meanwhile
-- unit: Seconds
-- timeout: 5s
-- tier: minute
-- node: any
-- origin: pgwatch, pgmonitor

SELECT greatest(extract(epoch FROM now() - min(state_change)), 0) AS metric_value
FROM pg_stat_activity
WHERE backend_type = 'client backend'
  AND state IN ('idle in transaction', 'idle in transaction (aborted)')
