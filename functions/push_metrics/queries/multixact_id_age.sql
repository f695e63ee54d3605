-- description: Shared row locks since the oldest that is not frozen; at about 2,100,000,000 the server refuses them
-- unit: Count
-- timeout: 5s
-- tier: five_minutes
-- node: primary
-- origin: pgwatch

SELECT max(mxid_age(datminmxid)) AS metric_value
FROM pg_database
