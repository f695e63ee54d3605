"""Redriving finds the right stack, its queues and functions, and says in words what AWS refuses."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from local.checkout import Checkout
from local.errors import LocalError
from local.redrive.letters import Letter
from local.redrive.places import Place, place_on_aws
from local.redrive.queues import FunctionQueue, find_queues

CHECKOUT = Checkout(Path(__file__).parents[2])
QUEUE_URL = "https://sqs/create-snapshot"
NESTED = "arn:aws:cloudformation:ap-northeast-1:123456789012:stack/nested/1"


class _Clients:
    """A session whose clients answer what is prepared; an unexpected call fails."""

    def __init__(self) -> None:
        session = boto3.Session("key", "secret", region_name="ap-northeast-1")
        self._clients = {name: session.client(cast("Any", name)) for name in ("cloudformation", "sqs", "lambda")}
        self.stubs = {name: Stubber(client) for name, client in self._clients.items()}

    def client(self, name: str, endpoint_url: str | None = None) -> Any:
        return self._clients[name]


@pytest.fixture
def clients() -> Iterator[_Clients]:
    clients = _Clients()
    with ExitStack() as stack:
        for stub in clients.stubs.values():
            stack.enter_context(stub)
        yield clients


def _place(clients: _Clients) -> Place:
    return Place("langpont-rds-dev", cast("boto3.Session", clients))


def _resources(clients: _Clients, stack: str, **physical_ids: str) -> None:
    summaries = [
        {
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": "AWS::CloudFormation::Stack" if physical_id == NESTED else "AWS::Any::Thing",
            "LastUpdatedTimestamp": "2026-11-23T18:00:00Z",
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for logical_id, physical_id in physical_ids.items()
    ]
    clients.stubs["cloudformation"].add_response(
        "list_stack_resources", {"StackResourceSummaries": summaries}, {"StackName": stack}
    )


@pytest.fixture
def queue(clients: _Clients) -> FunctionQueue:
    _resources(clients, "langpont-rds-dev", AlertsTopic="arn:topic", SnapshotsStack=NESTED)
    _resources(clients, NESTED, CreateSnapshotFunction="physical", CreateSnapshotDeadLetterQueue=QUEUE_URL)
    (queue,) = find_queues(_place(clients))
    return queue


def test_environment_on_aws_has_the_stack_and_region_of_samconfig() -> None:
    place = place_on_aws(CHECKOUT, "staging")

    assert (place.stack_name, place.session.region_name) == ("langpont-rds-staging", "ap-northeast-1")
    assert place.endpoint_url is None


@pytest.mark.parametrize("name", ["production", "default", "version"])
def test_other_environments_are_refused_with_those_that_exist(name: str) -> None:
    with pytest.raises(LocalError, match=f"'{name}' in samconfig.toml; known are local, dev, staging, prod"):
        place_on_aws(CHECKOUT, name)


def test_profile_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")

    with pytest.raises(LocalError, match="no-such-profile"):
        place_on_aws(CHECKOUT, "dev")


def test_queue_in_a_nested_stack_is_found_with_its_function(queue: FunctionQueue) -> None:
    assert queue.function == "CreateSnapshotFunction"


def test_queue_without_function_is_named(clients: _Clients) -> None:
    _resources(clients, "langpont-rds-dev", CreateSnapshotDeadLetterQueue=QUEUE_URL)

    with pytest.raises(LocalError, match="without CreateSnapshotFunction"):
        find_queues(_place(clients))


def test_stack_that_does_not_exist_is_named(clients: _Clients) -> None:
    clients.stubs["cloudformation"].add_client_error(
        "list_stack_resources", "ValidationError", "Stack with id langpont-rds-dev does not exist"
    )

    with pytest.raises(LocalError, match="langpont-rds-dev does not exist"):
        find_queues(_place(clients))


def test_stack_that_was_destroyed_is_no_stack_without_letters(clients: _Clients) -> None:
    gone = {
        "LogicalResourceId": "CreateSnapshotDeadLetterQueue",
        "PhysicalResourceId": QUEUE_URL,
        "ResourceType": "AWS::SQS::Queue",
        "LastUpdatedTimestamp": "2026-11-23T18:00:00Z",
        "ResourceStatus": "DELETE_COMPLETE",
    }
    clients.stubs["cloudformation"].add_response("list_stack_resources", {"StackResourceSummaries": [gone]})

    with pytest.raises(LocalError, match="there is no deployment langpont-rds-dev: it was destroyed"):
        find_queues(_place(clients))


def test_letter_is_received_with_its_attributes(clients: _Clients, queue: FunctionQueue) -> None:
    attribute = {"ERROR_CODE": {"DataType": "String", "StringValue": "NO_PERMISSIONS"}}
    message = {"MessageId": "1", "ReceiptHandle": "r", "Body": "{}", "MessageAttributes": attribute}
    clients.stubs["sqs"].add_response("receive_message", {"Messages": [message]})
    clients.stubs["sqs"].add_response("receive_message", {})

    first, second = queue.receive(), queue.receive()

    assert first == [Letter("1", "r", "{}", {"ERROR_CODE": "NO_PERMISSIONS"})]
    assert second == []


def test_function_is_invoked_asynchronously_with_the_event(clients: _Clients, queue: FunctionQueue) -> None:
    asked = {"FunctionName": "physical", "InvocationType": "Event", "Payload": b'{"a": 1}'}
    answer = {"StatusCode": 202, "ResponseMetadata": {"RequestId": "request-1"}}
    clients.stubs["lambda"].add_response("invoke", answer, asked)

    assert queue.invoke('{"a": 1}') == "request-1"


def test_any_answer_but_accepted_is_an_error(clients: _Clients, queue: FunctionQueue) -> None:
    clients.stubs["lambda"].add_response("invoke", {"StatusCode": 200})

    with pytest.raises(LocalError, match="answered with 200, not 202"):
        queue.invoke("{}")


def test_denied_invocation_is_said_in_words(clients: _Clients, queue: FunctionQueue) -> None:
    clients.stubs["lambda"].add_client_error("invoke", "AccessDeniedException", "not authorized to perform", 403)

    with pytest.raises(LocalError, match=r"invoking CreateSnapshotFunction failed: .*not authorized to perform"):
        queue.invoke("{}")
