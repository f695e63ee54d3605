"""Finds the engine version that the template gets: the newer of the wanted and the running one."""

from rds_operations.domain.engine_versions import VersionAction, VersionDecision, VersionWish, decide_engine_version
from rds_operations.domain.errors import RefusedError
from rds_operations.ports.engines import Engines


def resolve_engine_version(wish: VersionWish, *, db_instance_identifier: str, engines: Engines) -> VersionDecision:
    """Decide by what runs now.

    Args:
        wish: What the template asks for.
        db_instance_identifier: The instance, which may not exist yet.
        engines: Tells what it runs.

    Raises:
        RefusedError: another major version runs, or RDS is upgrading the instance at this moment.
        OperationsError: what it runs cannot be found out.
    """
    decision = decide_engine_version(wish, engines.running(db_instance_identifier))
    if decision.action is VersionAction.REFUSE:
        raise RefusedError(decision.reason)
    return decision
