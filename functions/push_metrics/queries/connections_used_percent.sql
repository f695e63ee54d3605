-- description: Connections in use, in per cent of those for ordinary roles; at 100 the application gets no new one
-- unit: Percent
-- timeout: 5s
-- tier: minute
-- node: any
-- origin: pgwatch, postgres_exporter, pgmonitor

SELECT 100.0 * count(*) / (
           current_setting('max_connections')::integer
           - current_setting('superuser_reserved_connections')::integer
           - current_setting('reserved_connections')::integer
       ) AS metric_value
FROM pg_stat_activity
WHERE backend_type = 'client backend'
