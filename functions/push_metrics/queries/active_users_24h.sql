-- description: Different users with at least one event in the last 24 hours; visitors without an account do not count
-- unit: Count
-- timeout: 10s
-- tier: minute
-- node: primary

SELECT count(DISTINCT user_id) AS metric_value
FROM analytics.analytics_events
WHERE "timestamp" > now() - interval '24 hours'
  AND "timestamp" <= now()
