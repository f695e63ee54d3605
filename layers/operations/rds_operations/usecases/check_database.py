"""Compares what the server runs with what the deployment meant."""

from rds_operations.domain.server_check import CheckResult, compare
from rds_operations.domain.server_expectations import ServerPlan, expectations
from rds_operations.ports.inspection import ServerInspector


def check_database(plan: ServerPlan, *, inspector: ServerInspector) -> CheckResult:
    """Ask the server once and compare.

    Args:
        plan: What the deployment asked for.
        inspector: Asks the server.

    Raises:
        RetryableError: the connection was lost.
        RefusedError: the server does not say what it runs.
    """
    facts = inspector.facts([each.name for each in expectations(plan, None)])
    shared_buffers = facts.get("shared_buffers")
    return compare(expectations(plan, shared_buffers.value if shared_buffers else None), facts)
