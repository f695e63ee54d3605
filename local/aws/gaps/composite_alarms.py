"""Composite alarms as resources, and their suppressors.

The emulator evaluates a rule whenever one of its children changes; but it knows these alarms by request only, and no
suppressor.
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

TYPE = "AWS::CloudWatch::CompositeAlarm"
_SUPPRESSION = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")

type Made = tuple[str, dict[str, Any]]
type Properties = Mapping[str, Any]


def install() -> None:
    """Register the resource type, and keep what a request says about suppression."""
    put = cloudwatch._put_composite_alarm

    def put_with_suppressor(parameters: Any, data: Properties, *protocol: bool) -> Any:
        answer = put(parameters, data, *protocol)
        alarm = cloudwatch._composite_alarms.get(data.get("AlarmName", ""))
        if alarm is not None:
            alarm.update({name: data[name] for name in _SUPPRESSION if name in data})
        return answer

    cloudwatch._put_composite_alarm = put_with_suppressor
    provisioners._RESOURCE_HANDLERS[TYPE] = {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
    }


def create(logical_id: str, properties: Properties, stack: str) -> Made:
    """Create the alarm, or write it anew under its name.

    Raises:
        ValueError: the rule is not understood, or names an alarm that does not exist.
    """
    name = properties.get("AlarmName") or provisioners._physical_name(stack, logical_id, max_len=255)
    data = {**properties, "AlarmName": name, "ActionsEnabled": _truth(properties.get("ActionsEnabled", True))}
    _done(cloudwatch._put_composite_alarm({}, data, False, True))  # noqa: FBT003  as a JSON request
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def update(name: str, _old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
    """Write the alarm anew; another name makes another alarm, whose predecessor CloudFormation deletes."""
    cloudwatch.cloudformation_set_metric_alarm_tags(name, list(new.get("Tags") or []))
    return create(logical_id, {**new, "AlarmName": new.get("AlarmName") or name}, stack)


def delete(name: str, _properties: Properties) -> None:
    """Delete the alarm.

    Raises:
        ValueError: another composite alarm depends on it.
    """
    _done(cloudwatch._delete_alarms({}, {"AlarmNames": [name]}, False, True))  # noqa: FBT003  as a JSON request


def _done(answer: tuple[int, Mapping[str, str], bytes]) -> None:
    status, _, body = answer
    if status >= 400:  # noqa: PLR2004  HTTP's first refusal
        raise ValueError(json.loads(body)["message"])


def _truth(value: Any) -> bool:
    return str(value).lower() == "true"
