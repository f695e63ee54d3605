"""Whether a listing of snapshots can be believed: on one that looks wrong nothing is deleted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from rds_operations.domain.snapshots import Snapshot
from rds_operations.domain.times import utc_text

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the function's clock may be behind RDS's: more than clocks drift, less than a snapshot usually takes."""

_JUST_BEGUN = "creating"


def reason_to_refuse(owned: Sequence[Snapshot], now: datetime) -> str | None:
    """Return why nothing may be deleted by this listing, or None.

    1. The clock is earlier than the newest snapshot, beyond the tolerance: no age can be believed.
    2. There are snapshots, and none of them can be restored: either all backups are bad, or the listing is. A first
       snapshot that is still being made is neither.

    Args:
        owned: This deployment's snapshots, in any order.
        now: The current time, aware of its zone.
    """
    newest = max(filter(None, map(attrgetter("created_at"), owned)), default=now)
    if newest - now > CLOCK_TOLERANCE:
        return (
            f"the clock says {utc_text(now)}, but the newest snapshot was made at {utc_text(newest)}: "
            "no age can be believed"
        )
    if any(snapshot.is_good for snapshot in owned) or all(snapshot.status == _JUST_BEGUN for snapshot in owned):
        return None
    return f"none of the {len(owned)} snapshots of this deployment is an available one, although there are older ones"
