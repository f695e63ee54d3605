"""Pending maintenance of DB instances, which the emulator does not know: there never is any.

RDS API reference, DescribePendingMaintenanceActions: what has nothing pending is not listed.
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import rds

ACTION = "DescribePendingMaintenanceActions"


def install() -> None:
    """Answer the action with an empty list."""
    rds._ACTION_MAP[ACTION] = nothing_pending


def nothing_pending(_: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Return the answer for every instance, and for all of them."""
    response: tuple[int, dict[str, str], bytes] = rds._xml(
        200, f"{ACTION}Response", f"<{ACTION}Result><PendingMaintenanceActions/></{ACTION}Result>"
    )
    return response
