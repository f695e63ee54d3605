"""The layer's models of AWS services are botocore's own, cut to what the adapters ask for."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.model import OperationModel, Shape
from botocore.session import Session

from generators.errors import GeneratorError
from generators.service_models import cut_model, operations_used
from rds_operations.adapters.aws_clients import shared_session
from tests.functions import FUNCTIONS

ROOT = FUNCTIONS.parent
ADAPTERS = ROOT / "layers" / "operations" / "rds_operations" / "adapters"
USED = [(service, name) for service, names in operations_used(ROOT).items() for name in names]
# One request of each service, and of each form that parameters are sent in.
REQUESTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "cloudwatch": ("describe_alarm_history", {"AlarmName": "langpont-prod-rds-cpu-high", "MaxRecords": 10}),
    "ec2": ("describe_security_group_rules", {"Filters": [{"Name": "group-id", "Values": ["sg-1"]}]}),
    "lambda": ("invoke", {"FunctionName": "langpont-prod-probe-database", "Payload": b"{}"}),
    "rds": ("describe_db_snapshots", {"DBInstanceIdentifier": "langpont-prod-db", "SnapshotType": "manual"}),
    "scheduler": (
        "create_schedule",
        {
            "Name": "look",
            "ScheduleExpression": "at(2026-11-29T12:00:00)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": "arn:aws:lambda:ap-northeast-1:123456789012:function:f", "RoleArn": "arn"},
            "ClientToken": "always-the-same",
        },
    ),
    "secretsmanager": ("get_secret_value", {"SecretId": "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:x"}),
    "sns": ("publish", {"TopicArn": "arn:aws:sns:ap-northeast-1:123456789012:alerts", "Message": "words"}),
}
REGIONS = ("ap-northeast-1", "us-east-1", "eu-central-2", "us-gov-west-1", "cn-north-1", "ap-northeast-9")
CHANGES_EACH_TIME = {"amz-sdk-invocation-id", "authorization", "user-agent", "x-amz-date"}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")


@pytest.mark.parametrize(("service", "operation"), USED)
def test_cut_model_says_of_each_operation_what_the_whole_says(service: str, operation: str) -> None:
    whole, cut = (each.get_service_model(service).operation_model(operation) for each in sessions())

    assert said_of(cut) == said_of(whole)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("service", REQUESTS)
def test_request_is_the_same_as_with_the_whole_model(service: str, region: str) -> None:
    whole, cut = (sent(each, service, region) for each in sessions())

    assert cut == whole


def test_endpoint_of_both_internet_protocols_is_the_same_as_with_the_whole_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_USE_DUALSTACK_ENDPOINT", "true")

    whole, cut = (sent(each, "secretsmanager", "ap-northeast-1") for each in sessions())

    assert cut == whole


def test_every_service_has_a_request_that_is_compared() -> None:
    assert sorted(REQUESTS) == sorted(operations_used(ROOT))


def test_pages_are_asked_for_as_the_whole_model_says() -> None:
    whole, cut = (each.get_paginator_model("rds") for each in sessions())

    for operation in ("DescribeDBSnapshots", "DescribeEvents"):
        assert cut.get_paginator(operation) == whole.get_paginator(operation)


def test_operations_of_the_table_are_those_that_adapters_call() -> None:
    called = {name for path in ADAPTERS.glob("*.py") for name in words_of(path)}
    known = {
        (service, operation)
        for service in operations_used(ROOT)
        for operation in botocore.session.get_session().get_service_model(service).operation_names
        if botocore.xform_name(operation) in called
    }

    assert known == set(USED)


def test_service_that_is_not_used_is_not_known() -> None:
    with pytest.raises(botocore.session.UnknownServiceError, match="Unknown service: 's3'"):
        shared_session().create_client("s3", region_name="ap-northeast-1")


@pytest.mark.parametrize(("version", "is_cut"), [("1.37.99", False), ("1.38.0", True), ("2.0.0", True)])
def test_botocore_too_old_for_the_cut_models_reads_its_own(
    version: str,
    is_cut: bool,  # noqa: FBT001 - a parameter of the test
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(botocore, "__version__", version)

    operations = shared_session().get_service_model("sns").operation_names

    assert (operations == ["Publish"]) is is_cut


def test_operation_that_botocore_lacks_is_named() -> None:
    model: Mapping[str, Any] = {"operations": {}, "shapes": {}}

    with pytest.raises(GeneratorError, match=r"operations.yaml: rds has no operation 'DescribeNothing'"):
        cut_model("rds", model, ["DescribeNothing"])


def test_member_called_documentation_stays() -> None:
    asked = {"type": "structure", "members": {"documentation": {"shape": "Text", "documentation": "<p>for people</p>"}}}
    unused = {"type": "string", "documentation": "<p>for people</p>"}
    model = {
        "operations": {"Ask": {"name": "Ask", "input": {"shape": "Asked"}, "documentation": "<p>for people</p>"}},
        "shapes": {"Asked": asked, "Text": {"type": "string"}, "Unused": unused},
    }

    cut = cut_model("rds", model, ["Ask"])

    assert cut == {
        "operations": {"Ask": {"name": "Ask", "input": {"shape": "Asked"}}},
        "shapes": {
            "Asked": {"type": "structure", "members": {"documentation": {"shape": "Text"}}},
            "Text": {"type": "string"},
        },
    }


def sessions() -> tuple[Session, Session]:
    return botocore.session.get_session(), shared_session()


def said_of(operation: OperationModel) -> Mapping[str, object]:
    shapes = [operation.input_shape, operation.output_shape, *operation.error_shapes]
    return {
        "http": operation.http,
        "auth": operation.auth_type,
        "protocol": operation.service_model.resolved_protocol,
        "shapes": [shape and dict(walked(shape)) for shape in shapes],
    }


def walked(shape: Shape, path: str = "", seen: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    required = getattr(shape, "required_members", [])
    yield path, (shape.name, shape.type_name, shape.serialization, shape.metadata, required)
    if shape.name in seen:
        return
    inner = {**getattr(shape, "members", {})}
    inner |= {name: getattr(shape, name) for name in ("member", "key", "value") if hasattr(shape, name)}
    for name, each in inner.items():
        yield from walked(each, f"{path}/{name}", (*seen, shape.name))


def sent(session: Session, service: str, region: str) -> Mapping[str, object]:
    requests: list[AWSPreparedRequest] = []

    def keep(request: AWSPreparedRequest, **_: object) -> None:
        requests.append(request)
        raise NotSentError

    client: Any = session.create_client(service, region_name=region)
    client.meta.events.register("before-send", keep)
    name, parameters = REQUESTS[service]
    with pytest.raises(NotSentError):
        getattr(client, name)(**parameters)
    (request,) = requests
    headers = {name: str(value) for name, value in request.headers.items() if name.lower() not in CHANGES_EACH_TIME}
    return {"method": request.method, "url": request.url, "body": request.body, **headers}


class NotSentError(Exception):
    """What would be sent is known."""


def words_of(path: Path) -> Iterator[str]:
    """Yield what is called, and every text: paginators are asked for by name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute(attr=name):
                yield name
            case ast.Constant(value=str(text)) if re.fullmatch(r"[a-z_]+", text):
                yield text
