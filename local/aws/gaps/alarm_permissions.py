"""Enforced IAM for CloudWatch: metric alarms that are described by name are authorized each by its own ARN.

Service authorization reference, "Actions, resources, and condition keys for Amazon CloudWatch": DescribeAlarms is
authorized on alarms. The emulator takes it for a request about everything.
"""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region

ACTION, SERVICE = "cloudwatch:DescribeAlarms", "monitoring"
_MEMBER = "AlarmNames.member."

_named: ContextVar[tuple[str, ...]] = ContextVar("named_alarms", default=())


def install() -> None:
    """Ask for every alarm that a request names."""
    extract, enforce = iam_actions.extract_resource_arn, iam_evaluator.enforce

    def extract_alarms(service: str, method: str, path: str, headers: Any, body: bytes, params: Any, *rest: Any) -> str:
        arns = alarm_arns(body, params) if service == SERVICE else ()
        _named.set(arns)
        return arns[0] if arns else str(extract(service, method, path, headers, body, params, *rest))

    def enforce_each(access_key: str, action: str, service: str, region: str, **context: Any) -> Any:
        if action == ACTION and service == SERVICE:
            for arn in _named.get():
                denied = enforce(access_key, action, service, region, **{**context, "resource_arn": arn})
                if denied:
                    return denied
        return enforce(access_key, action, service, region, **context)

    iam_actions.extract_resource_arn = extract_alarms
    iam_evaluator.enforce = enforce_each


def alarm_arns(body: bytes, params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ARNs of the alarms that a request names in a list; nothing for other requests.

    Args:
        body: Where the JSON protocol names them.
        params: Where the query protocol does.
    """
    names = _parsed(body).get("AlarmNames") or [
        _text(value) for key, value in sorted(params.items()) if key.startswith(_MEMBER)
    ]
    return tuple(f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}" for name in names)


def _text(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
