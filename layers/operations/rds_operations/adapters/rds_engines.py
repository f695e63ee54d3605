"""What DB instances run, as RDS describes it."""

from typing import TYPE_CHECKING

from rds_operations.adapters.aws_errors import translating
from rds_operations.domain.engine_versions import EngineVersion, RunningEngine
from rds_operations.domain.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient

_ENGINE = "postgres"


class RdsEngines:
    """`Engines` in RDS.

    Args:
        client: boto3's client of RDS.
    """

    def __init__(self, client: "RDSClient") -> None:
        self._client = client

    def running(self, identifier: str) -> RunningEngine | None:
        """Return what the instance runs, or None where there is no such instance, in one call.

        Raises:
            RetryableError: RDS throttled or could not be reached.
            RefusedError: the call is not allowed, or the instance runs something else than PostgreSQL.
        """
        try:
            with translating(f"describing DB instance {identifier}"):
                answer = self._client.describe_db_instances(DBInstanceIdentifier=identifier)
        except NotFoundError:
            return None
        for described in answer["DBInstances"]:
            engine, version = described.get("Engine", ""), described.get("EngineVersion", "")
            pending = described.get("PendingModifiedValues", {}).get("EngineVersion", "")
            running = EngineVersion.parse(version)
            if engine != _ENGINE or running is None:
                raise RefusedError(
                    f"{identifier} runs {engine} {version}, allowed: {_ENGINE} and a minor version of it"
                )
            status = described.get("DBInstanceStatus", "")
            return RunningEngine(identifier, running, status, EngineVersion.parse(pending))
        return None
