"""What the custom resources ask of EC2, RDS and Lambda, with botocore checking requests and answers."""

import io
import json
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from rds_operations.adapters.functions import LambdaFunctions
from rds_operations.adapters.rds_engines import RdsEngines
from rds_operations.adapters.security_groups import PAGE_SIZE, Ec2SecurityGroups
from rds_operations.domain.engine_versions import RunningEngine
from rds_operations.domain.errors import ConfigurationError, OperationsError, RefusedError, RetryableError
from rds_operations.domain.security_groups import GroupRule
from tests.fakes.engines import version

GROUP = "sg-0a1b2c3d4e5f67890"
INGRESS, EGRESS = GroupRule("sgr-1", is_egress=False), GroupRule("sgr-2", is_egress=True)
LISTING = {"Filters": [{"Name": "group-id", "Values": [GROUP]}], "MaxResults": PAGE_SIZE}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_DEFAULT_REGION": "r", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}.items():
        monkeypatch.setenv(name, value)


def stubbed(service: str) -> tuple[Any, Stubber]:
    client = boto3.client(service, "ap-northeast-1")  # type: ignore[call-overload]
    stubber = Stubber(client)
    stubber.activate()
    return client, stubber


def page(*rules: GroupRule, **more: str) -> dict[str, Any]:
    listed = [{"SecurityGroupRuleId": rule.identifier, "IsEgress": rule.is_egress} for rule in rules]
    return {"SecurityGroupRules": listed, **more}


def test_rules_of_every_page_are_listed() -> None:
    client, stubber = stubbed("ec2")
    stubber.add_response("describe_security_group_rules", page(INGRESS, NextToken="more"), LISTING)
    stubber.add_response("describe_security_group_rules", page(EGRESS), {**LISTING, "NextToken": "more"})

    assert Ec2SecurityGroups(client).rules(GROUP) == (INGRESS, EGRESS)
    stubber.assert_no_pending_responses()


def test_rules_are_revoked_by_id_in_one_call_per_direction() -> None:
    client, stubber = stubbed("ec2")
    other = GroupRule("sgr-3", is_egress=False)
    ingress = {"GroupId": GROUP, "SecurityGroupRuleIds": ["sgr-1", "sgr-3"]}
    stubber.add_response("revoke_security_group_ingress", {"Return": True}, ingress)
    stubber.add_response(
        "revoke_security_group_egress", {"Return": True}, {"GroupId": GROUP, "SecurityGroupRuleIds": ["sgr-2"]}
    )

    Ec2SecurityGroups(client).revoke(GROUP, [INGRESS, EGRESS, other])

    stubber.assert_no_pending_responses()


def test_nothing_to_revoke_is_no_call() -> None:
    client, _ = stubbed("ec2")

    Ec2SecurityGroups(client).revoke(GROUP, [])


def test_rule_that_is_gone_counts_as_revoked_and_the_others_are_tried() -> None:
    client, stubber = stubbed("ec2")
    stubber.add_client_error("revoke_security_group_ingress", "InvalidSecurityGroupRuleId.NotFound", "gone", 400)
    stubber.add_response("revoke_security_group_egress", {"Return": True})

    Ec2SecurityGroups(client).revoke(GROUP, [INGRESS, EGRESS])

    stubber.assert_no_pending_responses()


def test_denied_revocation_names_group_and_rules() -> None:
    client, stubber = stubbed("ec2")
    stubber.add_client_error("revoke_security_group_ingress", "UnauthorizedOperation", "You are not authorized", 403)

    with pytest.raises(RefusedError, match=f"^revoking the ingress rules sgr-1 of security group {GROUP} was denied"):
        Ec2SecurityGroups(client).revoke(GROUP, [INGRESS])


def described(**changed: Any) -> dict[str, Any]:
    instance = {"Engine": "postgres", "EngineVersion": "16.14", "DBInstanceStatus": "available"}
    return {"DBInstances": [{**instance, **changed}]}


def running(answer: dict[str, Any]) -> RunningEngine | None:
    client, stubber = stubbed("rds")
    stubber.add_response("describe_db_instances", answer, {"DBInstanceIdentifier": "langpont-dev-db"})
    return RdsEngines(client).running("langpont-dev-db")


def test_engine_is_described_with_what_is_pending() -> None:
    told = running(described(DBInstanceStatus="modifying", PendingModifiedValues={"EngineVersion": "16.15"}))

    assert told == RunningEngine("langpont-dev-db", version("16.14"), "modifying", version("16.15"))


def test_missing_instance_runs_nothing() -> None:
    client, stubber = stubbed("rds")
    stubber.add_client_error("describe_db_instances", "DBInstanceNotFound", "not found", 404)

    assert RdsEngines(client).running("langpont-dev-db") is None
    assert running({"DBInstances": []}) is None


@pytest.mark.parametrize("changed", [{"Engine": "mysql", "EngineVersion": "8.0"}, {"EngineVersion": "16"}])
def test_engine_of_another_kind_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(RefusedError, match=r"^langpont-dev-db runs .*, allowed: postgres and a minor version of it$"):
        running(described(**changed))


def test_denied_look_is_no_missing_instance() -> None:
    client, stubber = stubbed("rds")
    stubber.add_client_error("describe_db_instances", "AccessDenied", "not authorized", 403)

    with pytest.raises(RefusedError, match="was denied"):
        RdsEngines(client).running("langpont-dev-db")


def invoked(content: bytes, **more: str) -> Any:
    client, stubber = stubbed("lambda")
    payload = StreamingBody(io.BytesIO(content), len(content))
    stubber.add_response("invoke", {"StatusCode": 200, "Payload": payload, **more})
    return LambdaFunctions(client).invoke("set-up", {})


def test_answer_of_a_function_is_returned() -> None:
    assert invoked(b'{"roles": 2}') == {"roles": 2}


@pytest.mark.parametrize("content", [b"null", b"[]", b"7", b"not json: hunter2", b""])
def test_answer_of_another_form_is_refused_without_showing_it(content: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        invoked(content)

    assert str(caught.value) == "set-up answered with something else than an object"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("error", "becomes", "words"),
    [
        ({"errorType": "RetryableError", "errorMessage": "not yet"}, RetryableError, "set-up failed: not yet"),
        ({"errorType": "ConfigurationError", "errorMessage": "no"}, ConfigurationError, "set-up failed: no"),
        (None, RefusedError, "set-up failed with an unknown error: its log has the cause"),
    ],
)
def test_failure_of_a_function_is_raised(error: object, becomes: type[OperationsError], words: str) -> None:
    with pytest.raises(becomes) as caught:
        invoked(json.dumps(error).encode(), FunctionError="Unhandled")

    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("code", "status", "becomes"),
    [
        ("ResourceNotReadyException", 502, RetryableError),
        ("TooManyRequestsException", 429, RetryableError),
        ("ResourceNotFoundException", 404, RefusedError),
        ("AccessDeniedException", 403, RefusedError),
    ],
)
def test_function_that_cannot_be_invoked_is_named(code: str, status: int, becomes: type[OperationsError]) -> None:
    client, stubber = stubbed("lambda")
    stubber.add_client_error("invoke", code, "said AWS", status)

    with pytest.raises(becomes, match=r"^invoking set-up "):
        LambdaFunctions(client).invoke("set-up", {})
