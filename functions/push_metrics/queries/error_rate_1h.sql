-- description: Analyses of the last hour that ended in an error, in per cent of all; no analysis is no data
-- unit: Percent
-- timeout: 5s
-- tier: minute
-- node: primary

SELECT 100.0 * count(*) FILTER (WHERE error_occurred) / nullif(count(*), 0) AS metric_value
FROM monitoring.analysis_activity_log
WHERE created_at > now() - interval '1 hour'
  AND created_at <= now()
