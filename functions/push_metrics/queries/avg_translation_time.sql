-- description: Mean time that a translation of the last hour took, in seconds; no translation is no data
-- unit: Seconds
-- timeout: 5s
-- tier: minute
-- node: primary

SELECT avg(processing_time) AS metric_value
FROM translations.translation_history
WHERE created_at > now() - interval '1 hour'
  AND created_at <= now()
