-- description: Changed settings that wait for a restart; until then the server is not what is written down
-- unit: Count
-- timeout: 5s
-- tier: hour
-- node: any
-- origin: pgwatch, pgmonitor

SELECT count(*) AS metric_value
FROM pg_settings
WHERE pending_restart
