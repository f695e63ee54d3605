"""Measures one node of the database, as a part of push_metrics."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rds_operations.domain.counters import counter_readings, counter_values
from rds_operations.domain.errors import OperationsError
from rds_operations.domain.metric_memory import SERVER_QUERY, NodeMemory, Server, server_of
from rds_operations.domain.metric_queries import Kind, MetricQuery
from rds_operations.domain.metric_runs import Measurement, NodeRun
from rds_operations.domain.metrics import metric_rows
from rds_operations.domain.query_errors import ConnectionLostError, QueryFailedError
from rds_operations.ports.clock import Clock
from rds_operations.ports.measuring import MetricsDatabase, QueryRunner

SERVER_QUERY_TIMEOUT = timedelta(seconds=5)
_NOT_ASKED = "not asked: the time of the run was over"


class NodeMeasurer:
    """Asks one node its queries over one connection, and keeps what it gave until then, whatever happens.

    Args:
        identifier: Its DB instance identifier.
        memory: What is remembered of it.
        clock: Tells the time.
        ends_at: When no query is started any more, and every one that runs is ended.
    """

    def __init__(self, identifier: str, memory: NodeMemory, *, clock: Clock, ends_at: datetime) -> None:
        self._identifier = identifier
        self._clock = clock
        self._ends_at = ends_at
        self._measurements: list[Measurement] = []
        self.memory = memory

    def measure(self, queries: Sequence[MetricQuery], database: MetricsDatabase) -> NodeRun:
        """Return what the node gave; it is in `memory` then.

        A failing query does not stop the others. A node that cannot be reached, or not any more, is not an error here:
        the run says so.
        """
        try:
            with database.query_runner() as query_runner:
                version = self._identify(query_runner).version
                for query in (query for query in queries if query.version <= version):
                    self._measurements.append(self._measurement(query, query_runner))
        except OperationsError as trouble:
            return NodeRun(self._identifier, tuple(self._measurements), trouble)
        return NodeRun(self._identifier, tuple(self._measurements))

    def _identify(self, query_runner: QueryRunner) -> Server:
        server = server_of(query_runner.rows(SERVER_QUERY, SERVER_QUERY_TIMEOUT))
        self.memory = self.memory.of_server(server)
        return server

    def _measurement(self, query: MetricQuery, query_runner: QueryRunner) -> Measurement:
        started_at = self._clock.now()
        if started_at >= self._ends_at:
            return Measurement(query, error=_NOT_ASKED)
        self.memory = self.memory.after_run(query.name, started_at)
        try:
            rows = metric_rows(query, query_runner.rows(query.sql, min(query.timeout, self._ends_at - started_at)))
        except ConnectionLostError as error:
            # Who answers on the new connection may be another server.
            self._identify(query_runner)
            return Measurement(query, error=str(error))
        except QueryFailedError as error:
            return Measurement(query, error=str(error))
        if query.kind is Kind.GAUGE:
            return Measurement(query, tuple(row.found for row in rows))
        before, now = self.memory.readings.get(query.name, {}), counter_readings(rows, self._clock.now())
        self.memory = self.memory.after_reading(query.name, now)
        return Measurement(query, counter_values(query, before, now))
