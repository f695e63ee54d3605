-- description: Indexes that CREATE INDEX CONCURRENTLY failed to build; each slows writes down and helps no query
-- unit: Count
-- timeout: 5s
-- tier: hour
-- node: primary
-- origin: pgwatch

SELECT count(*) AS metric_value
FROM pg_index AS index
JOIN pg_class AS class ON class.oid = index.indexrelid
WHERE NOT index.indisvalid
  -- That of a partitioned table holds nothing itself; one that is being built is invalid until it is done.
  AND class.relkind = 'i'
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS building WHERE building.index_relid = index.indexrelid)
