-- description: Slots that nobody reads; each keeps log and old rows for a reader that may never come
-- unit: Count
-- timeout: 5s
-- tier: minute
-- node: primary
-- origin: pgwatch, postgres_exporter, pgmonitor

SELECT count(*) AS metric_value
FROM pg_replication_slots
WHERE NOT active
