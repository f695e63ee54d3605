"""What RDS will do to an instance, and when."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rds_operations.adapters.aws_errors import translating
from rds_operations.domain.times import utc_text

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_rds.type_defs import PendingMaintenanceActionTypeDef


class RdsMaintenance:
    """A `Maintenance`.

    Args:
        client: boto3's client of RDS.
    """

    def __init__(self, client: "RDSClient") -> None:
        self._client = client

    def pending(self, instance_arn: str) -> tuple[str, ...]:
        """Return what is pending for the instance, a line each; the ARN is what the call is authorized by.

        Raises:
            RetryableError: RDS throttled or could not be reached.
            RefusedError: the call is not allowed.
        """
        with translating(f"reading the pending maintenance of {instance_arn}"):
            answer = self._client.describe_pending_maintenance_actions(ResourceIdentifier=instance_arn)
        found = answer["PendingMaintenanceActions"]
        return tuple(_line(action) for each in found for action in each.get("PendingMaintenanceActionDetails", ()))


def _line(action: "PendingMaintenanceActionTypeDef") -> str:
    return ", ".join(
        (f"{action.get('Action', 'an action')}: {action.get('Description', 'no description')}", *_dates(action))
    )


def _dates(action: "PendingMaintenanceActionTypeDef") -> Iterator[str]:
    dates = {
        "applied from": action.get("AutoAppliedAfterDate"),
        "forced from": action.get("ForcedApplyDate"),
        "now at": action.get("CurrentApplyDate"),
    }
    yield from (f"{words} {utc_text(date)}" for words, date in dates.items() if date)
    if opted := action.get("OptInStatus"):
        yield f"opted in: {opted}"
