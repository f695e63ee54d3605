-- description: How much a sequence has given out of its range, for the five furthest; at 100 inserts fail
-- unit: Percent
-- timeout: 5s
-- tier: hour
-- node: primary
-- dimensions: sequence
-- at_most: 5
-- origin: pgwatch, pgmonitor

SELECT regexp_replace(format('%I.%I', schemaname, sequencename), '[^ -~]', '?', 'g') AS sequence,
    max(
        100 * CASE WHEN increment_by > 0 THEN last_value::numeric - min_value ELSE max_value - last_value::numeric END
        / nullif(max_value::numeric - min_value, 0)
    ) AS metric_value
FROM pg_sequences
WHERE last_value IS NOT NULL
  AND NOT cycle
GROUP BY sequence
ORDER BY metric_value DESC NULLS LAST, sequence
LIMIT 5
