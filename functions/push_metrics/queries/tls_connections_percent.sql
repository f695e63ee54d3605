-- description: Connections over the network that are encrypted, in per cent; less than 100 can be listened to
-- unit: Percent
-- timeout: 5s
-- tier: five_minutes
-- node: any

SELECT 100.0 * count(*) FILTER (WHERE tls.ssl) / nullif(count(*), 0) AS metric_value
FROM pg_stat_activity AS session
JOIN pg_stat_ssl AS tls USING (pid)
WHERE session.backend_type = 'client backend'
  AND session.client_addr IS NOT NULL
