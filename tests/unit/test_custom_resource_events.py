"""How CloudFormation's requests are read."""

from typing import Any

import pytest

from rds_operations.domain.custom_resources import RequestType
from rds_operations.domain.engine_versions import VersionWish
from rds_operations.domain.errors import InvalidEventError
from rds_operations.runtime.events.custom_resource import (
    is_rollback,
    parse_custom_resource,
    parse_group_to_lock,
    parse_reply_address,
    parse_version_wish,
)
from tests.fakes.engines import version
from tests.samples import sample


def event(**changed: Any) -> dict[str, Any]:
    return {**sample("resolve_engine_version", "update"), **changed}


def created(**properties: Any) -> dict[str, Any]:
    return event(RequestType="Create", ResourceProperties=properties)


def test_new_resource_is_called_by_its_stack_and_its_name() -> None:
    reply_to = parse_reply_address(sample("resolve_engine_version", "create"))

    assert reply_to.physical_id == "langpont-prod-DatabaseStack-1A2B3C4D5E6F/ResolvedEngineVersion"


def test_existing_resource_keeps_the_name_it_has() -> None:
    assert parse_reply_address(event(PhysicalResourceId="given-before")).physical_id == "given-before"


@pytest.mark.parametrize(
    "url",
    [
        "https://bucket.s3.amazonaws.com/x?y",
        "https://bucket.s3.amazonaws.com:8443/x",
        "http://localhost:4566/x",
        "http://127.0.0.1:4566/x",
        "http://[::1]:4566/x",
    ],
)
def test_address_is_https_or_on_this_machine(url: str) -> None:
    assert parse_reply_address(event(ResponseURL=url)).response_url == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        7,
        "http://bucket.s3.amazonaws.com/x",
        "http://localhost.example.com/x",
        "http://127.0.0.1@example.com/x",
        "ftp://localhost/x",
        "file:///etc/passwd",
        "https:///x",
        "https://[x/y",
        "https://host:99999/y",
        "https://host:port/y",
        "https://host/y z",
        "https://host/y\r\nX: y",
    ],
)
def test_address_of_another_kind_is_refused_without_showing_it(url: object) -> None:
    with pytest.raises(InvalidEventError) as caught:
        parse_reply_address(event(ResponseURL=url))

    assert str(caught.value) == "ResponseURL is missing or wrong, allowed: an https address, or http to this machine"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", ["StackId", "RequestId", "LogicalResourceId"])
def test_request_that_cannot_be_answered_is_named(name: str) -> None:
    with pytest.raises(InvalidEventError, match=f"^{name} is missing"):
        parse_reply_address({key: value for key, value in event().items() if key != name})


@pytest.mark.parametrize("kind", ["Modify", "", None, "create", ["Create"], {}])
def test_unknown_kind_of_request_is_named(kind: object) -> None:
    with pytest.raises(InvalidEventError, match=r"^RequestType is .*, allowed: one of Create, Update, Delete$"):
        parse_custom_resource(event(RequestType=kind))


@pytest.mark.parametrize("name", ["ResourceProperties", "OldResourceProperties"])
def test_update_needs_properties_before_and_after(name: str) -> None:
    with pytest.raises(InvalidEventError, match=f"^{name} is 'x', allowed: an object$"):
        parse_custom_resource(event(**{name: "x"}))


def test_creation_has_no_former_properties() -> None:
    request = parse_custom_resource(sample("resolve_engine_version", "create"))

    assert (request.request_type, request.old_properties) == (RequestType.CREATE, {})


def test_version_before_an_update_is_part_of_the_wish() -> None:
    wish = parse_version_wish(parse_custom_resource(event()))

    assert wish == VersionWish(version("16.15"), version("16.14"))


@pytest.mark.parametrize("value", [None, "16", "latest", 16.14, ""])
def test_version_that_is_none_is_named(value: object) -> None:
    with pytest.raises(
        InvalidEventError, match=r"^EngineVersion is .*, allowed: a version of PostgreSQL with its minor"
    ):
        parse_version_wish(parse_custom_resource(created(EngineVersion=value)))


@pytest.mark.parametrize("value", [None, "default", "sg-", "sg-xyz", ["sg-0a1b2c3d"], "sg-0a1b2c3d\n"])
def test_group_that_is_none_is_named(value: object) -> None:
    with pytest.raises(InvalidEventError, match=r"^SecurityGroupId is .*, allowed: the id of a security group"):
        parse_group_to_lock(parse_custom_resource(created(SecurityGroupId=value)))


@pytest.mark.parametrize(
    ("name", "back"), [("create", False), ("update", False), ("rollback", True), ("delete", False)]
)
def test_former_layer_version_tells_a_rollback(name: str, *, back: bool) -> None:
    assert is_rollback(parse_custom_resource(sample("request_database_setup", name))) is back
