"""The longest that calls to AWS can take leaves a function time to say what went wrong (timeouts: stacks/*.yaml)."""

from typing import Any

import pytest

from rds_operations.adapters.alarm_enrichment import INSTANCE_WAITS
from rds_operations.adapters.bounded_enrichment import ALERT_WAITS
from rds_operations.adapters.cloudwatch_history import cloudwatch_client
from rds_operations.adapters.functions import lambda_client
from rds_operations.adapters.postgres import CONNECT_TIMEOUT_SECONDS
from rds_operations.adapters.postgres_probe import ANSWER_TIMEOUT
from rds_operations.adapters.postgres_probe import CONNECT_TIMEOUT_SECONDS as PROBE_CONNECT_TIMEOUT_SECONDS
from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.scheduled_follow_ups import scheduler_client
from rds_operations.adapters.secrets import secrets_client
from rds_operations.adapters.sns_alerts import sns_client
from rds_operations.adapters.sns_chat import chat_client
from rds_operations.usecases.push_metrics import LONGEST_MEASURING
from tests.templates import functions, variables_of

FUNCTION_TIMEOUT_SECONDS = 30


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")


def longest_call_seconds(client: Any) -> float:
    """Return how long a call can take that is never answered, with botocore's longest waits of 1, 2, 4 s and so on."""
    config = client.meta.config
    attempts = config.retries["total_max_attempts"]
    waits: int = sum(2**wait for wait in range(attempts - 1))
    assert config.retries["mode"] == "standard"
    return float(attempts * (config.connect_timeout + config.read_timeout) + waits)


def test_call_to_rds_ends_after_7_seconds() -> None:
    assert longest_call_seconds(rds_client()) == 7


def test_three_calls_of_create_snapshot_end_within_25_seconds() -> None:
    assert 3 * longest_call_seconds(rds_client()) <= 25


def test_look_after_a_lost_race_still_ends_inside_create_snapshots_timeout() -> None:
    assert 4 * longest_call_seconds(rds_client()) < FUNCTION_TIMEOUT_SECONDS


def test_deletions_that_are_never_answered_end_inside_expire_snapshots_timeout() -> None:
    (function,) = [properties for _, name, properties in functions() if name == "ExpireSnapshotsFunction"]
    deletions = int(variables_of(function)["MAXIMUM_DELETIONS"])

    longest = (1 + deletions) * longest_call_seconds(rds_client()) + longest_call_seconds(sns_client())

    assert longest < function["Timeout"]


@pytest.mark.parametrize("client", [sns_client, secrets_client])
def test_call_to_sns_and_secrets_manager_ends_after_21_seconds(client: Any) -> None:
    assert longest_call_seconds(client()) == 21


def test_probe_of_an_alert_is_given_up_by_its_own_thread() -> None:
    client = lambda_client(connect_timeout_seconds=1, read_timeout_seconds=5)

    assert longest_call_seconds(client) == ALERT_WAITS.total_seconds() + 1


def test_remembering_a_second_look_ends_inside_react_to_rds_events_timeout() -> None:
    (function,) = [properties for _, name, properties in functions() if name == "ReactToRdsEventFunction"]
    longest = longest_call_seconds(sns_client()) + longest_call_seconds(scheduler_client())

    assert ALERT_WAITS.total_seconds() + longest + 10 < function["Timeout"]


def test_enrichment_and_publication_end_inside_the_reactions_timeout() -> None:
    assert ALERT_WAITS.total_seconds() + longest_call_seconds(sns_client()) < FUNCTION_TIMEOUT_SECONDS


def test_chat_beside_the_alert_ends_inside_the_reactions_timeout_too() -> None:
    publishing = longest_call_seconds(sns_client()) + longest_call_seconds(chat_client())

    assert ALERT_WAITS.total_seconds() + publishing < FUNCTION_TIMEOUT_SECONDS


def test_calls_to_cloudwatch_and_the_database_that_an_alert_does_not_wait_for_end_soon() -> None:
    assert longest_call_seconds(cloudwatch_client()) == 7
    assert INSTANCE_WAITS < ALERT_WAITS


def test_measuring_ends_inside_push_metrics_timeout() -> None:
    function = next(properties for _, name, properties in functions() if name == "PushMetricsFunction")
    # After the last query: a lost connection is opened again, and two replicas do not answer.
    connecting = 3 * CONNECT_TIMEOUT_SECONDS

    assert LONGEST_MEASURING.total_seconds() + connecting < function["Timeout"]


def test_secrets_that_are_never_answered_end_inside_the_set_ups_timeout() -> None:
    (timeout,) = [properties["Timeout"] for _, name, properties in functions() if name == "SetUpDatabaseFunction"]
    master_app_readonly_and_metrics = 4

    assert master_app_readonly_and_metrics * longest_call_seconds(secrets_client()) + CONNECT_TIMEOUT_SECONDS < timeout


def test_probe_that_is_never_answered_ends_inside_its_timeout() -> None:
    # Version, write and replicas, each of which may be the one that hangs.
    longest = PROBE_CONNECT_TIMEOUT_SECONDS + 3 * ANSWER_TIMEOUT.total_seconds()

    assert longest + longest_call_seconds(secrets_client()) <= FUNCTION_TIMEOUT_SECONDS
