"""The rehearsal of an alert's way to people: a made-up alarm goes down the whole of it, and its arrival is measured."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rds_operations.domain.console_links import Place
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.times import utc_text

REHEARSAL_STEM = "alert-rehearsal"
"""The made-up alarm's stem; no alarm of that name exists."""

REHEARSAL_SOURCE = "langpont.rehearsal"
"""The source of the alert that comes of it."""

REHEARSAL_ATTRIBUTE = "rehearsal"
"""The message attribute that keeps it from people, by the filters of their subscriptions."""

DELAY_METRIC = "alert_rehearsal_seconds"
UNANSWERED_METRIC = "alert_rehearsal_unanswered"

_ACCOUNT = 4
_MEANING = (
    "Severity: info. A rehearsal: this alarm was made up to see that alerts arrive. Nothing is wrong."
    " Runbook: automation-alert-rehearsal-missing.md"
)


@dataclass(frozen=True, slots=True)
class RehearsalArrival:
    """One alert of a rehearsal, as it arrived.

    Args:
        sent_at: When the made-up alarm changed its state, in UTC.
        unanswered: How many questions the alert went out without an answer to.
    """

    sent_at: datetime
    unanswered: int

    def delay(self, now: datetime) -> timedelta:
        """Return how long it took until `now`, in UTC; nothing for one from the future, whose clock was wrong."""
        return max(now - self.sent_at, timedelta(0))


def rehearsal_message(deployment: Deployment, topic_arn: str, now: datetime) -> str:
    """Return what CloudWatch would send of the made-up alarm.

    Args:
        deployment: Whose alarm it is made to be.
        topic_arn: The topic that alarms publish to, in the account and region of which it is.
        now: When it changes its state, in UTC.
    """
    name = f"{deployment.name_prefix}{REHEARSAL_STEM}"
    return json.dumps(
        {
            "AlarmName": name,
            "AlarmDescription": _MEANING,
            "NewStateValue": "ALARM",
            "OldStateValue": "OK",
            "NewStateReason": "Made up by rehearse_alert.",
            "StateChangeTime": utc_text(now),
            "AlarmArn": _alarm_arn(topic_arn, name),
            "Trigger": {
                "MetricName": DELAY_METRIC,
                "Dimensions": [{"name": "DBInstanceIdentifier", "value": deployment.db_instance_identifier}],
            },
        }
    )


def is_rehearsal(deployment: Deployment, alarm_name: str) -> bool:
    """Return whether an alarm is the made-up one of this deployment."""
    return alarm_name == f"{deployment.name_prefix}{REHEARSAL_STEM}"


def rehearsal_attributes(source: Mapping[str, str]) -> dict[str, str]:
    """Return the message attribute of a rehearsal's alert, by the alert's source; nothing for any other alert."""
    return {REHEARSAL_ATTRIBUTE: "true"} if source.get("type") == REHEARSAL_SOURCE else {}


def _alarm_arn(topic_arn: str, name: str) -> str:
    place = Place.of_arn(topic_arn)
    account = topic_arn.split(":")[_ACCOUNT]
    return f"arn:{place.partition}:cloudwatch:{place.region}:{account}:alarm:{name}" if place else name
