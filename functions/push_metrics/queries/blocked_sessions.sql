-- description: Sessions that wait for a lock of another one; more than a few for minutes are users who wait, too
-- unit: Count
-- timeout: 5s
-- tier: minute
-- node: any
-- origin: pgwatch, pgmonitor

SELECT count(*) AS metric_value
FROM pg_stat_activity
WHERE backend_type = 'client backend'
  AND wait_event_type = 'Lock'
