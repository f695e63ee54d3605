"""Enforced IAM for CloudWatch: alarms that are described by name are authorized each, composite ones on everything.

Service authorization reference, "Actions, resources, and condition keys for Amazon CloudWatch": DescribeAlarms is
authorized on alarms. The emulator takes it for a request about everything. API reference, DescribeAlarmHistory and
DescribeAlarms: of a composite alarm nothing is told on a permission whose scope is narrower than `*`.
"""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch

SERVICE = "monitoring"
DESCRIBE, HISTORY = "cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"
EVERYTHING = "*"
_MEMBER = "AlarmNames.member."

_named: ContextVar[tuple[str, ...]] = ContextVar("named_alarms", default=())


def install() -> None:
    """Ask for every alarm that a request names, and for everything where one is composite."""
    extract, enforce = iam_actions.extract_resource_arn, iam_evaluator.enforce

    def extract_alarms(service: str, method: str, path: str, headers: Any, body: bytes, params: Any, *rest: Any) -> str:
        arns = alarm_arns(body, params) if service == SERVICE else ()
        _named.set(arns)
        return arns[0] if arns else str(extract(service, method, path, headers, body, params, *rest))

    def enforce_each(access_key: str, action: str, service: str, region: str, **context: Any) -> Any:
        if service != SERVICE or action not in {DESCRIBE, HISTORY}:
            return enforce(access_key, action, service, region, **context)
        for arn in _named.get() or (context.get("resource_arn", EVERYTHING),):
            denied = enforce(access_key, action, service, region, **{**context, "resource_arn": _scope(arn)})
            if denied:
                return denied
        return None

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


def _scope(arn: str) -> str:
    return EVERYTHING if arn.rpartition(":alarm:")[2] in cloudwatch._composite_alarms else arn


def _text(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
