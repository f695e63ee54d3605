-- description: Tables beyond autovacuum's limits; one that stays: it cannot keep up, is held up or is switched off
-- unit: Count
-- timeout: 5s
-- tier: five_minutes
-- node: primary

SELECT count(*) AS metric_value
FROM pg_stat_user_tables AS statistics
JOIN pg_class AS class ON class.oid = statistics.relid
CROSS JOIN LATERAL (
    -- What a table sets for itself comes before what the server says.
    SELECT
        coalesce(max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_threshold'),
            current_setting('autovacuum_vacuum_threshold'))::double precision AS dead,
        coalesce(max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_scale_factor'),
            current_setting('autovacuum_vacuum_scale_factor'))::double precision AS dead_share,
        coalesce(max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_insert_threshold'),
            current_setting('autovacuum_vacuum_insert_threshold'))::double precision AS new,
        coalesce(max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_insert_scale_factor'),
            current_setting('autovacuum_vacuum_insert_scale_factor'))::double precision AS new_share,
        least(max(option_value) FILTER (WHERE option_name = 'autovacuum_freeze_max_age')::double precision,
            current_setting('autovacuum_freeze_max_age')::double precision) AS age
    FROM pg_options_to_table(class.reloptions)
) AS limits
WHERE class.relpersistence <> 't'
  AND (
      statistics.n_dead_tup > limits.dead + limits.dead_share * greatest(class.reltuples, 0)
      OR (
          limits.new >= 0
          AND statistics.n_ins_since_vacuum > limits.new + limits.new_share * greatest(class.reltuples, 0)
      )
      OR age(class.relfrozenxid) > limits.age
  )
