-- description: Age of the oldest open transaction; until it ends, vacuum removes nothing deleted since
-- unit: Seconds
-- timeout: 5s
-- tier: minute
-- node: any
-- origin: pgwatch, postgres_exporter

SELECT greatest(extract(epoch FROM now() - min(xact_start)), 0) AS metric_value
FROM pg_stat_activity
WHERE backend_type = 'client backend'
