"""What push_metrics asks each node, run after run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rds_operations.domain.errors import RefusedError, RetryableError
from rds_operations.domain.metric_memory import Server, server_of
from rds_operations.domain.metric_queries import Kind, MetricQuery, Node
from rds_operations.domain.metric_runs import MetricsRequest, MetricsRun
from rds_operations.domain.metric_tiers import Tier
from rds_operations.domain.query_errors import ConnectionLostError, QueryFailedError
from rds_operations.runtime.metrics_memory import WarmMemory
from rds_operations.usecases.push_metrics import LONGEST_MEASURING, MetricsNodes, push_metrics
from tests.fakes.clock import FakeClock
from tests.fakes.metric_sink import FakeMetricSink
from tests.fakes.query_runner import SERVER, ChangingAnswer, FakeMetricsDatabase, FakeQueryRunner

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
PRIMARY, REPLICA = "langpont-prod-db", "langpont-prod-replica-1"
OF_REPLICA = {"DBInstanceIdentifier": REPLICA}
TIMEOUT = timedelta(seconds=5)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
UNREACHABLE = RetryableError("nobody answered")


def query(name: str, *, kind: Kind = Kind.GAUGE, tier: Tier = Tier.MINUTE, node: Node = Node.PRIMARY) -> MetricQuery:
    return MetricQuery(name, f"SELECT {name}", "Count", "Open orders", TIMEOUT, kind=kind, tier=tier, node=node)


class World:
    """A primary and a replica that answer 1 to each query unless told otherwise, and a function that stays warm."""

    def __init__(self, *queries: MetricQuery) -> None:
        answers: dict[str, ChangingAnswer] = {query.sql: [{"metric_value": 1}] for query in queries}
        self.queries = queries
        self.clock = FakeClock(NOW)
        self.primary, self.replica = (FakeMetricsDatabase(FakeQueryRunner(answers)) for _ in range(2))
        self.memory = WarmMemory()
        self.sink = FakeMetricSink()

    def run(self, *names: str) -> MetricsRun:
        chosen = tuple(query for query in self.queries if not names or query.name in names)
        self.sink = FakeMetricSink()
        return push_metrics(
            MetricsRequest(chosen, only_due=not names),
            nodes=MetricsNodes(PRIMARY, {PRIMARY: self.primary, REPLICA: self.replica}),
            memory=self.memory,
            sink=self.sink,
            clock=self.clock,
        )

    def run_after(self, passed: timedelta, *, counted: int | None = None) -> MetricsRun:
        self.clock.advance(passed)
        if counted is not None:
            self.primary.runner.answers["SELECT counter"] = [{"metric_value": counted}]
        return self.run()


def test_each_node_is_asked_its_queries_over_one_connection() -> None:
    world = World(query("writes"), query("lag", node=Node.REPLICA), query("sessions", node=Node.ANY))

    response = world.run().as_response()

    assert response["published"] == {"writes": 1.0, "sessions": 1.0}
    assert response["replicas"] == {REPLICA: {"published": {"lag": 1.0, "sessions": 1.0}, "failed": {}}}
    assert (world.primary.connections, world.replica.connections) == (1, 1)


def test_values_of_a_replica_carry_its_own_identifier() -> None:
    world = World(query("sessions", node=Node.ANY))

    world.run()

    assert ("sessions", 1.0, "Count", {}) in world.sink.added
    assert ("sessions", 1.0, "Count", OF_REPLICA) in world.sink.added
    assert ("up", 1, "Count", OF_REPLICA) in world.sink.added


def test_unreachable_replica_is_down_and_stops_nothing() -> None:
    world = World(query("sessions", node=Node.ANY))
    world.replica.trouble = UNREACHABLE

    response = world.run().as_response()

    assert response["up"] == {PRIMARY: 1, REPLICA: 0}
    assert response["replicas"] == {REPLICA: {"published": {}, "failed": {"up": "nobody answered"}}}
    assert response["published"] == {"sessions": 1.0}
    assert ("up", 0, "Count", OF_REPLICA) in world.sink.added
    assert world.sink.values["metric_query_failures"] == 1


@pytest.mark.parametrize("trouble", [UNREACHABLE, RefusedError("the token is too old")])
def test_unreachable_primary_is_down_and_fails_the_run_after_the_replicas(trouble: Exception) -> None:
    world = World(query("sessions", node=Node.ANY))
    world.primary.trouble = trouble

    with pytest.raises(type(trouble), match=str(trouble)):
        world.run()

    assert world.sink.values["up"] == 0
    assert ("sessions", 1.0, "Count", OF_REPLICA) in world.sink.added


def test_rare_metrics_wait_for_their_time_and_frequent_ones_come_first() -> None:
    world = World(query("size", tier=Tier.HOUR), query("lag", tier=Tier.FIVE_MINUTES), query("users"))

    published = [list(world.run_after(MINUTE).primary.published) for _ in range(6)]

    assert published == [["users", "lag", "size"], *[["users"]] * 4, ["users", "lag"]]


def test_named_metrics_are_measured_whether_due_or_not() -> None:
    world = World(query("size", tier=Tier.HOUR), query("users"))
    world.run()

    assert list(world.run("size").primary.published) == ["size"]


def test_metric_of_a_node_that_was_down_stays_due() -> None:
    world = World(query("size", tier=Tier.HOUR))
    world.primary.trouble = UNREACHABLE
    with pytest.raises(RetryableError):
        world.run()
    world.primary.trouble = None

    assert list(world.run_after(MINUTE).primary.published) == ["size"]


def test_server_that_is_too_old_is_not_asked() -> None:
    world = World(query("users"), replace(query("news"), version=17))

    run = world.run()

    assert (run.primary.published, run.primary.failures) == ({"users": 1.0}, {})
    assert [sql for sql, _ in world.primary.runner.asked] == ["SELECT users"]


def test_query_gets_its_timeout_and_never_more_than_the_run_has_left() -> None:
    world = World(query("first"), query("second"), query("third"))
    runner = FakeQueryRunner(world.primary.runner.answers, clock=world.clock, each_takes=LONGEST_MEASURING - 2 * SECOND)
    world.primary.runner = runner

    run = world.run()

    assert runner.asked == [("SELECT first", TIMEOUT), ("SELECT second", 2 * SECOND)]
    assert run.primary.failures == {"third": "not asked: the time of the run was over"}
    assert run.replicas[0].up == 1


def test_counter_is_a_baseline_first_and_its_growth_afterwards() -> None:
    world = World(query("counter", kind=Kind.DIFFERENCE))

    runs = [world.run_after(MINUTE, counted=counted) for counted in (7_000, 7_000, 7_005)]

    assert [run.primary.published for run in runs] == [{}, {"counter": 0.0}, {"counter": 5.0}]
    assert [run.primary.failures for run in runs] == [{}, {}, {}]


@pytest.mark.parametrize(
    "other", [replace(SERVER, started_at=NOW), replace(SERVER, in_recovery=True)], ids=["started anew", "other part"]
)
def test_counters_of_another_server_are_not_compared(other: Server) -> None:
    world = World(query("counter", kind=Kind.DIFFERENCE))
    world.run_after(MINUTE, counted=10)
    world.primary.runner.server = other

    runs = [world.run_after(MINUTE, counted=counted) for counted in (900, 901)]

    assert [run.primary.published for run in runs] == [{}, {"counter": 1.0}]


def test_failover_in_the_middle_of_a_run_makes_no_spike() -> None:
    world = World(query("users"), query("counter", kind=Kind.DIFFERENCE))
    world.run_after(MINUTE, counted=10)
    runner = world.primary.runner

    def fail_over() -> Exception:
        runner.server = replace(SERVER, started_at=NOW)
        return ConnectionLostError("the connection was lost")

    runner.answers["SELECT users"] = fail_over
    run = world.run_after(MINUTE, counted=900)

    assert run.primary.published == {}
    assert run.primary.failures == {"users": "the connection was lost"}
    assert world.sink.values["up"] == 1


def test_counter_survives_a_query_of_it_that_failed() -> None:
    world = World(query("counter", kind=Kind.DIFFERENCE))
    world.run_after(MINUTE, counted=10)
    world.primary.runner.answers["SELECT counter"] = QueryFailedError("a lock")
    world.run_after(MINUTE)

    assert world.run_after(MINUTE, counted=16).primary.published == {"counter": 6.0}


def test_nodes_have_a_memory_of_their_own() -> None:
    world = World(query("counter", kind=Kind.DIFFERENCE, node=Node.ANY))
    world.run_after(MINUTE, counted=500)
    run = world.run_after(MINUTE, counted=503)

    assert run.primary.published == {"counter": 3.0}
    assert run.replicas[0].published == {"counter": 0.0}


@pytest.mark.parametrize("rows", [[], [{"started_at": "yesterday", "in_recovery": False, "version": 16}]])
def test_server_that_does_not_say_what_it_is_is_not_measured(rows: list[dict[str, object]]) -> None:
    with pytest.raises(QueryFailedError, match="does not say what it is"):
        server_of(rows)
