"""The local AWS's emulator without a server: requests and answers as botocore writes and reads them."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any, cast
from urllib.parse import urlencode

import botocore.session
from botocore.exceptions import ClientError
from botocore.model import OperationModel, Shape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict
from ministack.services import cloudformation, cloudwatch, ec2, eventbridge, rds, s3, secretsmanager, sns, sqs
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

MODULES = (
    *(cloudformation, changesets, engine, handlers, provisioners, stacks),
    *(cloudwatch, ec2, eventbridge, rds, s3, secretsmanager, sns, sqs),
)
SERVICES = {"cloudformation": cloudformation, "cloudwatch": cloudwatch, "ec2": ec2, "rds": rds}
BUCKET = "https://s3.amazonaws.com/templates"

type Answer = dict[str, Any]


@contextmanager
def restored() -> Iterator[None]:
    """Undo what gaps replace in the emulator, and forget what was made in it."""
    names = [(module, dict(vars(module))) for module in MODULES]
    tables = [(table, _copied(table)) for table in (provisioners._RESOURCE_HANDLERS, *_ACTIONS)]
    # It would look for containers that nobody started.
    rds._get_docker = lambda: None
    try:
        yield
    finally:
        for module, before in names:
            _restore(module, before)
        for table, entries in tables:
            table.clear()
            table.update(entries)
        for module in MODULES:
            for store in vars(module).values():
                if isinstance(store, AccountRegionScopedDict | AccountScopedDict):
                    store.clear()


_ACTIONS = (handlers._ACTION_HANDLERS, rds._ACTION_MAP, ec2._ACTION_MAP)


def call(service: str, operation: str, **parameters: Any) -> Answer:
    """Send a request, wait until what it began has ended, and return the answer.

    Raises:
        ClientError: the service refused, in the words it used.
    """
    model = _operation(service, operation)
    protocol = model.service_model.resolved_protocol
    request = create_serializer(protocol, include_validation=True).serialize_to_request(parameters, model)
    body = request["body"]
    encoded = urlencode(body).encode() if isinstance(body, dict) else body
    path = request["url_path"] if isinstance(request["url_path"], str) else "/"
    headers = {name.lower(): str(value) for name, value in request["headers"].items()}
    status, head, text = asyncio.run(_settled(SERVICES[service].handle_request("POST", path, headers, encoded, {})))
    response = {"status_code": status, "headers": head, "body": text if isinstance(text, bytes) else text.encode()}
    parsed: Any = create_parser(protocol).parse(response, cast("Shape", model.output_shape))
    if status >= 300:
        raise ClientError(parsed, operation)
    answer: Answer = parsed
    return answer


def put_template(name: str, template: Answer) -> str:
    """Keep a template where nested stacks fetch theirs, and return its address."""
    _objects[name] = json.dumps(template).encode()
    s3._get_object_data = lambda _bucket, key: _objects.get(key)
    return f"{BUCKET}/{name}"


def status(stack: str) -> str:
    """Return the status of a stack."""
    (found,) = call("cloudformation", "DescribeStacks", StackName=stack)["Stacks"]
    return str(found["StackStatus"])


def reasons(stack: str, ending: str = "_FAILED") -> list[str]:
    """Return the reasons of the events whose status ends so, oldest first."""
    events = call("cloudformation", "DescribeStackEvents", StackName=stack)["StackEvents"]
    found = [event for event in reversed(events) if event["ResourceStatus"].endswith(ending)]
    return [event.get("ResourceStatusReason", "") for event in found]


def physical_id(stack: str, logical_id: str) -> str:
    """Return the physical id of a stack's resource."""
    resource = call("cloudformation", "DescribeStackResource", StackName=stack, LogicalResourceId=logical_id)
    return str(resource["StackResourceDetail"]["PhysicalResourceId"])


_objects: dict[str, bytes] = {}


async def _settled(request: Any) -> tuple[int, dict[str, str], bytes | str]:
    answer: tuple[int, dict[str, str], bytes | str] = await request
    while pending := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(pending, timeout=30)
    return answer


@cache
def _operation(service: str, operation: str) -> OperationModel:
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def _copied(table: dict[str, Any]) -> dict[str, Any]:
    return {name: dict(entry) if isinstance(entry, dict) else entry for name, entry in table.items()}


def _restore(module: ModuleType, before: dict[str, Any]) -> None:
    for name, value in before.items():
        if vars(module).get(name) is not value:
            setattr(module, name, value)
