"""Sends a made-up alarm down the way of the real ones, and measures the alerts of such alarms that arrive."""

from collections.abc import Sequence

from rds_operations.domain.deployment import Deployment
from rds_operations.domain.rehearsals import DELAY_METRIC, UNANSWERED_METRIC, RehearsalArrival, rehearsal_message
from rds_operations.ports.alerts import AlertTopic
from rds_operations.ports.clock import Clock
from rds_operations.ports.metrics import MetricSink


def rehearse_alert(
    arrivals: Sequence[RehearsalArrival] | None,
    *,
    deployment: Deployment,
    alarms_topic_arn: str,
    alarms: AlertTopic,
    metrics: MetricSink,
    clock: Clock,
) -> dict[str, int]:
    """Send one alarm, or count what arrived of earlier ones.

    Args:
        arrivals: What arrived; None to send one.
        deployment: Whose alarm it is made to be.
        alarms_topic_arn: The ARN of the topic that alarms publish to.
        alarms: The same topic.
        metrics: Takes delay and unanswered questions of each arrival.
        clock: Tells when it is sent, and when it arrived.

    Returns:
        The function's response: how many were sent, and how many arrived.

    Raises:
        RetryableError: the topic throttled or could not be reached.
        RefusedError: the call is not allowed.
    """
    if arrivals is None:
        alarms.pass_on("Rehearsal of an alarm", rehearsal_message(deployment, alarms_topic_arn, clock.now()))
        return {"sent": 1, "arrived": 0}
    for arrival in arrivals:
        metrics.add(DELAY_METRIC, arrival.delay(clock.now()).total_seconds(), "Seconds")
        metrics.add(UNANSWERED_METRIC, arrival.unanswered, "Count")
    return {"sent": 0, "arrived": len(arrivals)}
