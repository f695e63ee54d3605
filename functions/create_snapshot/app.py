"""Makes a manual snapshot of the database when the schedule, or a person before a deployment, asks for it."""

from typing import TYPE_CHECKING, Any

from rds_operations.adapters.clock import SystemClock
from rds_operations.adapters.rds_client import rds_client
from rds_operations.adapters.rds_instances import RdsInstanceDirectory
from rds_operations.adapters.rds_snapshots import RdsSnapshotStore
from rds_operations.runtime.events.schedule import parse_snapshot_request
from rds_operations.runtime.observability import logger
from rds_operations.runtime.settings.create_snapshot import CreateSnapshotSettings
from rds_operations.usecases.create_snapshot import create_snapshot

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

settings = CreateSnapshotSettings.from_env()
clock = SystemClock()
rds = rds_client()
directory = RdsInstanceDirectory(rds)
store = RdsSnapshotStore(rds)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:  # noqa: ARG001 - Lambda passes it
    """Start the snapshot that the event asks for, unless it exists already."""
    request = parse_snapshot_request(event, clock.now())
    creation = create_snapshot(
        request, ownership=settings.ownership, prefix=settings.snapshot_prefix, directory=directory, store=store
    )
    response = creation.as_response()
    logger.info("snapshot was requested", extra={**response, "reason": request.reason})
    return response
