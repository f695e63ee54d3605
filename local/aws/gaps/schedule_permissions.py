"""Enforced IAM for Scheduler: a schedule is authorized in its own group, and a role has to be passed to it.

Service authorization reference, "Actions, resources, and condition keys for Amazon EventBridge Scheduler": a schedule's
ARN holds its group, and CreateSchedule depends on iam:PassRole. The emulator takes every schedule for one of the group
`default`, and lets everybody hand over any role.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import scheduler

from local.aws.judgement import principal_may

PASS_ROLE, SERVICE = "iam:PassRole", "scheduler.amazonaws.com"
_PATH = re.compile(r"/schedules/([A-Za-z0-9_.-]+)/?")

type Response = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Name schedules by their group, and refuse a role that the caller may not pass."""
    extract, handle = iam_actions.extract_resource_arn, scheduler.handle_request

    def extract_with_group(
        service: str, method: str, path: str, headers: Any, body: bytes, params: Any, *rest: Any
    ) -> str:
        if service == "scheduler" and (arn := schedule_arn(path, body, params)):
            return arn
        return str(extract(service, method, path, headers, body, params, *rest))

    async def handle_if_role_may_be_passed(method: str, path: str, headers: Any, body: bytes, params: Any) -> Response:
        refusal = _refusal(body) if _PATH.fullmatch(path) and method in ("POST", "PUT") else None
        response: Response = refusal or await handle(method, path, headers, body, params)
        return response

    iam_actions.extract_resource_arn = extract_with_group
    scheduler.handle_request = handle_if_role_may_be_passed


def schedule_arn(path: str, body: bytes, params: Mapping[str, Any]) -> str:
    """Return the ARN of the schedule that a request is about; empty for other requests.

    Args:
        path: The request's path.
        body: Where making and changing name the group.
        params: Where looking and deleting name it.
    """
    found = _PATH.fullmatch(path)
    if not found:
        return ""
    named = _parsed(body).get("GroupName") or params.get("groupName") or "default"
    group = named[0] if isinstance(named, list) else named
    return f"arn:aws:scheduler:{get_region()}:{get_account_id()}:schedule/{group}/{found[1]}"


def _refusal(body: bytes) -> Response | None:
    role, caller = _parsed(body).get("Target", {}).get("RoleArn", ""), iam_evaluator.caller_arn()
    if not role or principal_may(caller, PASS_ROLE, role, {"iam:passedtoservice": SERVICE}):
        return None
    message = f"User: {caller} is not authorized to perform: {PASS_ROLE} on resource: {role}"
    response: Response = scheduler._error(403, "AccessDeniedException", message)
    return response


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
