-- description: Transactions since the oldest that somebody may still look at; vacuum removes nothing deleted since
-- unit: Count
-- timeout: 5s
-- tier: five_minutes
-- node: primary
-- origin: pgwatch

SELECT coalesce(max(held.age), 0) AS metric_value
FROM (
    -- What a vacuum itself looks at holds no other vacuum up.
    SELECT greatest(age(session.backend_xmin), age(session.backend_xid)) AS age
    FROM pg_stat_activity AS session
    WHERE session.pid <> pg_backend_pid()
      AND NOT EXISTS (SELECT FROM pg_stat_progress_vacuum AS vacuum WHERE vacuum.pid = session.pid)
    UNION ALL
    SELECT greatest(age(xmin), age(catalog_xmin)) FROM pg_replication_slots
    UNION ALL
    SELECT age(transaction) FROM pg_prepared_xacts
) AS held
