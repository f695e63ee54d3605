"""EventBridge Scheduler: context attributes in the input, and rate schedules that start when they are made.

Scheduler user guide, "Adding context attributes" and "Schedule types": `rate()` without a start date counts from the
schedule's creation and fires at once.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ministack.services import eventbridge, scheduler

TICK_SECONDS = 1


def install() -> None:
    """Replace context attributes at each firing and let new rate schedules fire at once."""
    invoke = eventbridge._invoke_target
    tick = scheduler._tick_schedules

    def invoke_with_context(target: dict[str, Any], event: dict[str, Any], rule: Any, view: Any = None) -> None:
        if event.get("Source") == "aws.scheduler" and target.get("Input"):
            target = {**target, "Input": replace_context_attributes(target["Input"], event)}
        invoke(target, event, rule, view)

    def tick_with_immediate_start() -> None:
        for key, schedule in list(scheduler._schedules._data.items()):
            if schedule.get("ScheduleExpression", "").startswith("rate(") and not schedule.get("StartDate"):
                scheduler._schedule_last_fired.setdefault(key, 0.0)
        tick()

    eventbridge._invoke_target = invoke_with_context
    scheduler._tick_schedules = tick_with_immediate_start
    scheduler._SCHEDULE_TICK_INTERVAL = TICK_SECONDS


def replace_context_attributes(text: str, event: Mapping[str, Any]) -> str:
    """Return the schedule's input with `<aws.scheduler.…>` replaced by this firing's values."""
    scheduled_at = datetime.fromtimestamp(event["Time"], UTC)
    attributes = {
        "scheduled-time": scheduled_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "schedule-arn": event["Resources"][0],
        "execution-id": str(uuid.uuid4()),
        "attempt-number": "1",
    }
    for name, value in attributes.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
