-- description: Age of the oldest prepared transaction; it holds locks, no session shows it: commit it or roll it back
-- unit: Seconds
-- timeout: 5s
-- tier: five_minutes
-- node: primary
-- origin: pgwatch, pgmonitor

SELECT greatest(extract(epoch FROM now() - min(prepared)), 0) AS metric_value
FROM pg_prepared_xacts
