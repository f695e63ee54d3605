-- Who waits for whom, the longest first; no text of a statement, which would hold what users wrote.
SELECT format('pid %s (%s, %s) has waited %s for %s, held by pid %s (%s, %s), %s for %s',
              waiting.pid, waiting.usename, coalesce(nullif(waiting.application_name, ''), 'no name'),
              date_trunc('second', clock_timestamp() - coalesce(lock.waitstart, waiting.state_change)),
              coalesce(lock.mode || ' on ' || coalesce(lock.relation::regclass::text, lock.locktype), 'a lock'),
              holding.pid, coalesce(holding.usename, holding.backend_type), coalesce(nullif(holding.application_name, ''), 'no name'),
              coalesce(holding.state, 'state unknown'), date_trunc('second', clock_timestamp() - holding.state_change)) AS line
FROM pg_stat_activity AS waiting
CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker (pid)
JOIN pg_stat_activity AS holding ON holding.pid = blocker.pid
LEFT JOIN pg_locks AS lock ON lock.pid = waiting.pid AND NOT lock.granted
WHERE waiting.wait_event_type = 'Lock'
ORDER BY lock.waitstart, waiting.pid, holding.pid
LIMIT 10
