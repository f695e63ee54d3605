-- description: Transactions since the oldest that is not frozen; at about 2,100,000,000 the server refuses writes
-- unit: Count
-- timeout: 5s
-- tier: five_minutes
-- node: primary
-- origin: pgwatch, postgres_exporter, pgmonitor

SELECT max(age(datfrozenxid)) AS metric_value
FROM pg_database
