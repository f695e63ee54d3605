-- description: How near a column's numbers are to its type's largest, for the five nearest; at 100 inserts fail
-- unit: Percent
-- timeout: 5s
-- tier: hour
-- node: primary
-- dimensions: key
-- at_most: 5
-- origin: pgwatch, pgmonitor

SELECT regexp_replace(format('%I.%I.%I', space.nspname, class.relname, attribute.attname), '[^ -~]', '?', 'g') AS key,
    max(
        100.0 * CASE
            WHEN has_sequence_privilege(filled.sequence, 'SELECT') THEN pg_sequence_last_value(filled.sequence)
        END
        / CASE attribute.atttypid
            WHEN 'smallint'::regtype THEN 32767
            WHEN 'integer'::regtype THEN 2147483647
            ELSE 9223372036854775807
        END
    ) AS metric_value
FROM (
    -- Identity columns, then columns whose default takes a number from a sequence.
    SELECT refobjid AS attrelid, refobjsubid AS attnum, objid AS sequence
    FROM pg_depend
    WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype = 'i' AND refobjsubid > 0
    UNION
    SELECT fallback.adrelid, fallback.adnum, used.refobjid
    FROM pg_attrdef AS fallback
    JOIN pg_depend AS used
        ON used.classid = 'pg_attrdef'::regclass
        AND used.objid = fallback.oid
        AND used.refclassid = 'pg_class'::regclass
) AS filled
JOIN pg_class AS numbers ON numbers.oid = filled.sequence AND numbers.relkind = 'S'
JOIN pg_class AS class ON class.oid = filled.attrelid
JOIN pg_namespace AS space ON space.oid = class.relnamespace
JOIN pg_attribute AS attribute ON attribute.attrelid = filled.attrelid AND attribute.attnum = filled.attnum
WHERE attribute.atttypid IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
GROUP BY key
ORDER BY metric_value DESC NULLS LAST, key
LIMIT 5
