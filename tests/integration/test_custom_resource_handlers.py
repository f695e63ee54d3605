"""Every request of CloudFormation through its handler, with AWS played by moto and answers over a real connection."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from moto import mock_aws

from rds_operations.adapters import functions
from tests.answer_server import AnswerServer, answer_server
from tests.fakes.lambda_context import FakeLambdaContext
from tests.functions import load_app
from tests.samples import sample, sample_names

INSTANCE = "langpont-dev-db"
VARIABLES = {
    "AWS_DEFAULT_REGION": "ap-northeast-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "PROJECT_NAME": "langpont",
    "ENVIRONMENT": "dev",
    "DB_INSTANCE_IDENTIFIER": INSTANCE,
    "SET_UP_FUNCTION_NAME": "set-up",
    "POWERTOOLS_SERVICE_NAME": "custom_resources",
    "POWERTOOLS_LOGGER_LOG_EVENT": "true",
}
FUNCTIONS = ("lock_default_security_group", "request_database_setup", "resolve_engine_version")

each_function = pytest.mark.parametrize("function", FUNCTIONS)
each_request = pytest.mark.parametrize(
    ("function", "name"), [(function, name) for function in FUNCTIONS for name in sample_names(function)]
)

type Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.fixture
def answers() -> Iterator[AnswerServer]:
    with answer_server() as server:
        yield server


@pytest.fixture
def ask(aws: None, answers: AnswerServer, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return what hands a handler a request and returns what CloudFormation was told."""
    monkeypatch.setattr("rds_operations.adapters.clock.SystemPause.wait", lambda *_: None)

    def handed(function: str, event: dict[str, Any]) -> dict[str, Any]:
        context = FakeLambdaContext(function, remaining_ms=60_000)
        load_app(function).handler({**event, "ResponseURL": answers.url}, context)
        [told] = answers.received
        answers.received.clear()
        return told

    return handed


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return what prepares the answers of the function that sets the database up, and counts the calls."""

    def prepared(*payloads: tuple[dict[str, Any], bool]) -> list[str]:
        calls: list[str] = []
        client = boto3.client("lambda")
        stubber = Stubber(client)
        for payload, failed in payloads:
            content = json.dumps(payload).encode()
            body = StreamingBody(io.BytesIO(content), len(content))
            answer = {"StatusCode": 200, "Payload": body, **({"FunctionError": "Unhandled"} if failed else {})}
            stubber.add_response("invoke", answer, {"FunctionName": "set-up", "Payload": b"{}"})
        client.meta.events.register("before-parameter-build.lambda", lambda **_: calls.append("invoked"))
        stubber.activate()
        monkeypatch.setattr(functions, "lambda_client", lambda: client)
        return calls

    return prepared


def make_instance(version: str) -> None:
    boto3.client("rds").create_db_instance(
        DBInstanceIdentifier=INSTANCE,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        EngineVersion=version,
        AllocatedStorage=20,
    )


def default_group() -> str:
    vpc = boto3.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    [group] = boto3.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return str(group["GroupId"])


def rules_of(group_id: str) -> list[dict[str, Any]]:
    filters = [{"Name": "group-id", "Values": [group_id]}]
    rules: list[dict[str, Any]] = boto3.client("ec2").describe_security_group_rules(Filters=filters)[
        "SecurityGroupRules"
    ]
    return rules


@each_request
def test_every_request_is_answered_with_success(
    ask: Ask, set_up: Callable[..., list[str]], function: str, name: str
) -> None:
    set_up(({"roles": ["langpont_app"]}, False))
    event = sample(function, name)
    if function == "lock_default_security_group":
        event["ResourceProperties"]["SecurityGroupId"] = default_group()

    told = ask(function, event)

    assert told["Status"] == "SUCCESS"
    assert told["PhysicalResourceId"] == f"{event['StackId'].split('/')[1]}/{event['LogicalResourceId']}"
    assert {key: told[key] for key in ("StackId", "RequestId", "LogicalResourceId")} == {
        key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")
    }


@pytest.mark.parametrize(("running", "told_version"), [("16.13", "16.14"), ("16.14", "16.14"), ("16.15", "16.15")])
def test_template_gets_the_newer_version(ask: Ask, running: str, told_version: str) -> None:
    make_instance(running)

    told = ask("resolve_engine_version", sample("resolve_engine_version", "create"))

    assert told["Data"] == {"EngineVersion": told_version}


def test_another_major_version_fails_the_deployment_in_words(ask: Ask) -> None:
    make_instance("17.2")

    told = ask("resolve_engine_version", sample("resolve_engine_version", "update"))

    assert told["Status"] == "FAILED"
    assert told["Reason"].startswith(f"{INSTANCE} runs PostgreSQL 17.2 and EngineVersion asks for 16.15")


def test_default_group_is_left_without_rules(ask: Ask) -> None:
    event = sample("lock_default_security_group", "create")
    group_id = event["ResourceProperties"]["SecurityGroupId"] = default_group()
    before = rules_of(group_id)

    told = ask("lock_default_security_group", event)

    assert before
    assert rules_of(group_id) == []
    assert sum(map(int, told["Data"].values())) == len(before)


def test_locked_group_is_locked_again_without_harm(ask: Ask) -> None:
    event = sample("lock_default_security_group", "update")
    event["ResourceProperties"]["SecurityGroupId"] = default_group()
    ask("lock_default_security_group", event)

    told = ask("lock_default_security_group", event)

    assert told["Data"] == {"RevokedIngress": "0", "RevokedEgress": "0"}


def test_deletion_leaves_the_group_as_it_is(ask: Ask) -> None:
    event = sample("lock_default_security_group", "delete")
    group_id = event["ResourceProperties"]["SecurityGroupId"] = default_group()
    before = rules_of(group_id)

    ask("lock_default_security_group", event)

    assert rules_of(group_id) == before


def test_set_up_is_asked_again_and_its_counts_are_told(ask: Ask, set_up: Callable[..., list[str]]) -> None:
    refused = {"errorType": "RetryableError", "errorMessage": "the database cannot be reached"}
    calls = set_up((refused, True), ({"roles": ["a", "b"], "statements": 12}, False))

    told = ask("request_database_setup", sample("request_database_setup", "create"))

    assert (told["Status"], told["Data"], len(calls)) == ("SUCCESS", {"roles": "2", "statements": "12"}, 2)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            {"errorType": "ConfigurationError", "errorMessage": "DB_HOST is not set", "stackTrace": ["app.py"]},
            "set-up failed: DB_HOST is not set",
        ),
        (
            {"errorType": "OperationalError", "errorMessage": "password=hunter2"},
            "set-up failed with OperationalError: its log has the cause",
        ),
    ],
)
def test_failed_set_up_fails_the_deployment_without_secrets(
    ask: Ask, set_up: Callable[..., list[str]], error: dict[str, Any], reason: str
) -> None:
    set_up((error, True))

    told = ask("request_database_setup", sample("request_database_setup", "update"))

    assert (told["Status"], told["Reason"]) == ("FAILED", reason)


@pytest.mark.parametrize("name", ["rollback", "delete"])
def test_nothing_is_set_up_on_the_way_back(ask: Ask, set_up: Callable[..., list[str]], name: str) -> None:
    calls = set_up()

    told = ask("request_database_setup", sample("request_database_setup", name))

    assert (told["Status"], calls) == ("SUCCESS", [])


@each_function
def test_wrong_environment_is_answered_at_once(ask: Ask, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")

    told = ask(function, sample(function, "create"))

    assert told["Status"] == "FAILED"
    assert told["Reason"] == "ENVIRONMENT is 'production', allowed: one of dev, staging, prod"


@each_function
def test_wrong_environment_does_not_keep_the_stack_from_being_deleted(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    monkeypatch.delenv("PROJECT_NAME")

    assert ask(function, sample(function, "delete"))["Status"] == "SUCCESS"


@each_function
def test_address_is_not_logged_even_where_events_are(
    ask: Ask, function: str, answers: AnswerServer, caplog: pytest.LogCaptureFixture
) -> None:
    ask(function, sample(function, "delete"))

    logged = [str(vars(record)) for record in caplog.records]
    assert any("custom resource was answered" in record for record in logged)
    assert not any(answers.url in record for record in logged)
