"""What goes wrong in a run of push_metrics, made to happen on a real PostgreSQL: each costs what it has to, no more."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from local.free_ports import find_free_ports
from rds_operations.domain.errors import OperationsError, RefusedError, RetryableError
from rds_operations.domain.metric_queries import MAXIMUM_DIMENSIONS, MetricQuery
from tests.functions import load_app
from tests.integration.conftest import PostgresServer
from tests.integration.metrics_world import app_with, deployed, embedded, invoke, metric, variables_of

GOOD = metric("good", "SELECT 7 AS metric_value")
# It ends its own server process, as a crash of it does.
KILLER = metric("killer", "SELECT 1 AS metric_value WHERE pg_terminate_backend(pg_backend_pid())")
ANOTHER_KILLER = metric("another_killer", KILLER.sql)
EVENTS = metric("events", "SELECT count(*) AS metric_value FROM analytics.analytics_events")
WAIT = timedelta(milliseconds=100)
WIDE = tuple(f"column_{number}" for number in range(MAXIMUM_DIMENSIONS))


@pytest.fixture(autouse=True)
def environment(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What Lambda sets for the handler."""
    where = variables_of(postgres_server)
    with deployed(where, postgres_server.metrics_password, monkeypatch) as variables:
        yield variables


def assert_says_that_it_is_down(printed: str) -> None:
    (line,) = embedded(printed)
    assert line["up"] == [0]
    assert line["metric_query_failures"] == [1]


@pytest.mark.parametrize(
    ("bad", "cause"),
    [
        (metric("bad", "SELECT 1 AS metric_value FROM nowhere"), 'relation "nowhere" does not exist (42P01)'),
        (
            metric("bad", "SELECT 1 AS metric_value FROM pg_catalog.pg_authid"),
            "permission denied for table pg_authid (42501)",
        ),
        (
            metric("bad", "SELECT 1 AS metric_value FROM pg_sleep(30)", timeout=WAIT),
            "canceling statement due to statement timeout (57014)",
        ),
        (metric("bad", "SELECT 'NaN'::float8 AS metric_value"), "metric_value is nan, allowed: a finite number of "),
        (metric("bad", "SELECT 'Infinity'::numeric AS metric_value"), "metric_value is Infinity, allowed: a finite "),
        (metric("bad", "SELECT 1 / 0 AS metric_value"), "division by zero (22012)"),
        (metric("bad", "SELECT 1 AS metric_value; SELECT 2"), "cannot insert multiple commands into a prepared "),
        (KILLER, "the connection was lost: terminating connection due to administrator command"),
    ],
    ids=["missing table", "missing right", "sleep", "NaN", "infinity", "division", "two statements", "crash"],
)
def test_bad_query_is_one_failed_metric_with_its_cause(
    bad: MetricQuery, cause: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = app_with(monkeypatch, metric("first"), bad, GOOD)

    response = invoke(app, {})

    assert response["published"] == {"first": 1.0, "good": 7.0}
    assert list(response["failed"]) == [bad.name]
    assert cause in response["failed"][bad.name]
    (line,) = embedded(capsys.readouterr().out)
    assert (line["good"], line["up"], line["metric_query_failures"]) == ([7.0], [1.0], [1.0])


def test_failed_metric_is_logged_as_an_error_with_its_cause(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    invoke(app_with(monkeypatch, metric("bad", "SELECT 1 / 0 AS metric_value")), {})

    (logged,) = [vars(record) for record in caplog.records if record.levelname == "ERROR"]
    assert (logged["metric"], logged["reason"]) == ("bad", "division by zero (22012)")
    assert logged["node"] == "langpont-dev-db"


def test_locked_table_is_waited_for_no_longer_than_a_second(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_with(monkeypatch, EVENTS, GOOD)

    with postgres_server.connect_as_superuser() as superuser, superuser.transaction():
        superuser.execute("LOCK TABLE analytics.analytics_events")
        response = invoke(app, {})

    assert response["failed"] == {"events": "canceling statement due to lock timeout (55P03)"}
    assert response["published"] == {"good": 7.0}
    assert 1000 <= response["duration_ms"] < 5000


def test_more_than_a_hundred_metrics_all_arrive(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"metric_{number}" for number in range(120)]

    response = invoke(app_with(monkeypatch, *map(metric, names)), {})

    lines = embedded(capsys.readouterr().out)
    assert list(response["published"]) == names
    assert [len(line["_aws"]["CloudWatchMetrics"][0]["Metrics"]) for line in lines] == [100, 23]
    assert all(any(name in line for line in lines) for name in names)


def test_metric_with_thirty_dimensions_arrives(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = ", ".join(f"'{name}' AS {name}" for name in WIDE)
    wide = metric("wide", f"SELECT {columns}, 1 AS metric_value", dimensions=WIDE)

    response = invoke(app_with(monkeypatch, wide), {})

    _, line = embedded(capsys.readouterr().out)
    assert response["failed"] == {}
    assert len(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]) == 30
    assert line["wide"] == [1.0]


def test_each_lost_connection_is_one_failed_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    response = invoke(app_with(monkeypatch, KILLER, GOOD, ANOTHER_KILLER, EVENTS), {})

    assert list(response["failed"]) == ["killer", "another_killer"]
    assert list(response["published"]) == ["good", "events"]


def test_database_that_takes_no_new_connection_is_down(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = app_with(monkeypatch, GOOD)
    with postgres_server.connect_as_superuser("postgres") as superuser:
        superuser.execute(f"ALTER DATABASE {postgres_server.database} CONNECTION LIMIT 0".encode())
        try:
            with pytest.raises(RetryableError, match="too many connections for database"):
                invoke(app, {})
        finally:
            superuser.execute(f"ALTER DATABASE {postgres_server.database} CONNECTION LIMIT -1".encode())

    assert_says_that_it_is_down(capsys.readouterr().out)


def test_database_that_is_down_fails_the_run_which_says_so(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DB_PORT", str(find_free_ports(1)[0]))

    with pytest.raises(RetryableError, match=rf"^{environment['DB_HOST']}:[0-9]+ cannot be reached: "):
        invoke(load_app("push_metrics"), {})

    assert_says_that_it_is_down(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("variables", "error", "cause"),
    [
        ({"DB_CA_BUNDLE": ""}, RefusedError, "certificate verify failed"),
        ({"DB_HOST": "langpont-prod-db.elsewhere.rds.amazonaws.com"}, RefusedError, "does not match host name"),
        ({"DB_AUTH": "iam"}, RefusedError, "password authentication failed"),
    ],
    ids=["authority", "host name", "token"],
)
def test_wrong_certificate_and_expired_token_refuse_the_run_which_says_so(
    variables: dict[str, str],
    error: type[OperationsError],
    cause: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(error, match=cause):
        invoke(load_app("push_metrics"), {})

    assert_says_that_it_is_down(capsys.readouterr().out)
