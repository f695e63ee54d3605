"""Reads what the schedule and people send to push_metrics."""

from collections.abc import Mapping, Sequence

from rds_operations.domain.metric_queries import MetricQuery
from rds_operations.domain.metric_runs import MetricsRequest
from rds_operations.runtime.events.fields import wrong


def requested_queries(event: object, queries: Sequence[MetricQuery]) -> MetricsRequest:
    """Return what the run is asked for.

    Args:
        event: `{}` for all that are due, or an object with `metrics`, a list of names.
        queries: All there are.

    Raises:
        InvalidEventError: a field or a name is unknown; the known names are listed.
    """
    if not isinstance(event, Mapping) or not set(event) <= {"metrics"}:
        raise wrong("the event", event, "an object with no other field than metrics")
    if "metrics" not in event:
        return MetricsRequest(tuple(queries), only_due=True)
    names = event["metrics"]
    known = {query.name: query for query in queries}
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name in known for name in names):
        raise wrong("metrics", names, f"a list of at least one of {', '.join(known)}")
    return MetricsRequest(tuple(known[name] for name in dict.fromkeys(names)), only_due=False)
