-- description: Size of the database on disk, in units of 1,048,576 bytes
-- unit: Megabytes
-- timeout: 5s
-- tier: minute
-- node: primary

SELECT pg_database_size(current_database()) / 1048576.0 AS metric_value
