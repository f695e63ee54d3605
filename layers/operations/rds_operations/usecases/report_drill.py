"""Tells people how a failover drill ended."""

from dataclasses import dataclass

from rds_operations.domain.alerts import Alert
from rds_operations.domain.deployment import Deployment
from rds_operations.domain.drill_reports import DrillReport, drill_report_alert
from rds_operations.ports.alerts import AlertTopic


@dataclass(frozen=True, slots=True)
class DrillReaction:
    """What was told of a drill.

    Args:
        alert: What people were told.
    """

    alert: Alert

    def as_response(self) -> dict[str, object]:
        """Return the function's response (contracts, react_to_rds_event)."""
        return {
            "event_id": "",
            "category": "drill",
            "severity": self.alert.severity.value,
            "action": "alerted",
            "reason": "a drill has ended",
            "resource": self.alert.resource,
            "alert_id": self.alert.id,
        }


def report_drill(report: DrillReport, *, deployment: Deployment, topic: AlertTopic) -> DrillReaction:
    """Publish one alert about the drill.

    Raises:
        RetryableError: the alert could not be published; a repeat has the same identifier.
        RefusedError: publishing is not allowed.
    """
    alert = drill_report_alert(report, deployment)
    topic.publish(alert)
    return DrillReaction(alert)
