"""Reads CloudFormation's requests to custom resources.

The address to answer at is read first and by itself: whatever is wrong with the rest can then be told. It is in no
complaint, because whoever has it can answer in our place.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from rds_operations.domain.custom_resources import CustomResourceRequest, ReplyAddress, RequestType, goes_back
from rds_operations.domain.engine_versions import ALLOWED_VERSION, EngineVersion, VersionWish
from rds_operations.domain.errors import InvalidEventError
from rds_operations.runtime.events.fields import section, text, wrong

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PRINTABLE = re.compile(r"[!-~]+")
_STACK_NAME = re.compile(r"arn:[^:]+:cloudformation:[^:]*:[^:]*:stack/(?P<name>[^/]+)/.+")
_GROUP_ID = re.compile(r"sg-[0-9a-f]{8,32}")


def parse_reply_address(event: object) -> ReplyAddress:
    """Return where and as what to answer.

    A resource that is being created is called by its stack and its name in the template, in every try of a request.

    Raises:
        InvalidEventError: there is nobody to answer; the message holds no address.
    """
    if not isinstance(event, Mapping):
        raise wrong("event", type(event).__name__, "an object")
    stack_id, logical_id = text(event, "StackId", "StackId"), text(event, "LogicalResourceId", "LogicalResourceId")
    stack = _STACK_NAME.fullmatch(stack_id)
    return ReplyAddress(
        response_url=_response_url(event),
        stack_id=stack_id,
        request_id=text(event, "RequestId", "RequestId"),
        logical_id=logical_id,
        physical_id=text(event, "PhysicalResourceId", "PhysicalResourceId", "")
        or f"{stack['name'] if stack else stack_id}/{logical_id}",
    )


def parse_custom_resource(event: Mapping[str, object]) -> CustomResourceRequest:
    """Return what is asked for.

    Raises:
        InvalidEventError: the kind of request is unknown, or the properties are no object.
    """
    kind = next((kind for kind in RequestType if kind == event.get("RequestType")), None)
    if kind is None:
        raise wrong("RequestType", event.get("RequestType"), "one of " + ", ".join(RequestType))
    is_update = kind is RequestType.UPDATE
    return CustomResourceRequest(
        kind,
        section(event, "ResourceProperties", "ResourceProperties"),
        section(event, "OldResourceProperties", "OldResourceProperties") if is_update else {},
    )


def parse_version_wish(request: CustomResourceRequest) -> VersionWish:
    """Return what a `Custom::EngineVersion` asks for.

    Raises:
        InvalidEventError: a version is missing or is none.
    """
    if request.request_type is RequestType.CREATE:
        return VersionWish(_version(request.properties))
    return VersionWish(_version(request.properties), _version(request.old_properties))


def parse_group_to_lock(request: CustomResourceRequest) -> str:
    """Return the group that a `Custom::DefaultSecurityGroupLock` is about.

    Raises:
        InvalidEventError: it is missing, or no security group's id.
    """
    group_id = request.properties.get("SecurityGroupId")
    if not isinstance(group_id, str) or not _GROUP_ID.fullmatch(group_id):
        raise wrong("SecurityGroupId", group_id, "the id of a security group, such as sg-0a1b2c3d4e5f67890")
    return group_id


def is_rollback(request: CustomResourceRequest) -> bool:
    """Return whether an update goes back to the release before: a property names a former version of a layer."""
    return any(goes_back(request.old_properties.get(name), value) for name, value in request.properties.items())


def _version(properties: Mapping[str, object]) -> EngineVersion:
    value = properties.get("EngineVersion")
    version = EngineVersion.parse(value) if isinstance(value, str) else None
    if version is None:
        raise wrong("EngineVersion", value, ALLOWED_VERSION)
    return version


def _response_url(event: Mapping[str, object]) -> str:
    url = event.get("ResponseURL")
    complaint = InvalidEventError("ResponseURL is missing or wrong, allowed: an https address, or http to this machine")
    if not isinstance(url, str) or not _PRINTABLE.fullmatch(url):
        raise complaint
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        # Without a cause: its message holds parts of the address.
        raise complaint from None
    if not host or port == 0 or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        raise complaint
    return url
