-- How old transaction ids are, where, and what keeps vacuum from freezing them.
SELECT line FROM (
    SELECT * FROM (
        SELECT format('database %s: %s of 2147483647 ids used', datname, age(datfrozenxid)) AS line, 0 AS position, age(datfrozenxid) AS age_in_ids
        FROM pg_database
        ORDER BY age_in_ids DESC
        LIMIT 2
    ) AS databases
    UNION ALL
    SELECT * FROM (
        SELECT format('transaction of pid %s (%s, %s) for %s keeps rows of %s transactions', pid, coalesce(usename, backend_type),
                      coalesce(state, 'state unknown'), date_trunc('second', clock_timestamp() - xact_start), age(backend_xmin)), 1, age(backend_xmin) AS age_in_ids
        FROM pg_stat_activity
        WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
        ORDER BY age_in_ids DESC
        LIMIT 2
    ) AS transactions
    UNION ALL
    SELECT format('prepared transaction of %s, since %s', owner, date_trunc('second', prepared)), 2, age(transaction)
    FROM pg_prepared_xacts
    UNION ALL
    SELECT format('slot %s keeps rows of %s transactions', slot_name, greatest(age(xmin), age(catalog_xmin))), 3, greatest(age(xmin), age(catalog_xmin))
    FROM pg_replication_slots
    WHERE coalesce(xmin, catalog_xmin) IS NOT NULL
    UNION ALL
    SELECT * FROM (
        SELECT format('table %s: %s ids used', oid::regclass, age(relfrozenxid)), 4, age(relfrozenxid) AS age_in_ids
        FROM pg_class
        WHERE relkind IN ('r', 'm', 't')
        ORDER BY age_in_ids DESC
        LIMIT 3
    ) AS tables
) AS found
ORDER BY position, age_in_ids DESC
LIMIT 10
