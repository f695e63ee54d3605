-- description: How much of its numbers the fullest sequence, or the key that it fills, has used up; at 100 inserts fail
-- unit: Percent
-- timeout: 5s
-- tier: hour
-- node: primary
-- origin: pgwatch, pgmonitor

SELECT max(used.percent) AS metric_value
FROM (
    SELECT
        100 * CASE WHEN increment_by > 0 THEN last_value::numeric - min_value ELSE max_value - last_value::numeric END
        / nullif(max_value::numeric - min_value, 0) AS percent
    FROM pg_sequences
    WHERE last_value IS NOT NULL
      AND NOT cycle
    UNION ALL
    -- A column may be smaller than the sequence that its default takes numbers from.
    SELECT 100.0 * CASE WHEN has_sequence_privilege(numbers.oid, 'SELECT') THEN pg_sequence_last_value(numbers.oid) END
        / CASE attribute.atttypid WHEN 'smallint'::regtype THEN 32767 ELSE 2147483647 END
    FROM pg_attrdef AS fallback
    JOIN pg_depend AS needed
        ON needed.classid = 'pg_attrdef'::regclass
        AND needed.objid = fallback.oid
        AND needed.refclassid = 'pg_class'::regclass
    JOIN pg_class AS numbers ON numbers.oid = needed.refobjid AND numbers.relkind = 'S'
    JOIN pg_attribute AS attribute ON attribute.attrelid = fallback.adrelid AND attribute.attnum = fallback.adnum
    WHERE attribute.atttypid IN ('smallint'::regtype, 'integer'::regtype)
) AS used
