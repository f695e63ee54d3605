"""Whether a failover may be forced now: decided over what the APIs said, without asking anybody.

A drill is for finding out what a failover costs, not for making an outage worse: whatever is not certain refuses it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

AVAILABLE, REPLICATING, STREAMING = "available", "replicating", "streaming"
PRODUCTION = "prod"
# RDS ships its log every 5 minutes (RDS User Guide, "Restoring to a specified time"), three times that.
RESTORABLE_WITHIN = timedelta(minutes=15)
# A daily schedule, an hour of grace and the next look, as the alarm backup-too-old has it.
SNAPSHOT_WITHIN = timedelta(hours=26)
# A3's threshold. What it has not applied is lost to readers until it has caught up with the new primary.
REPLICA_LAG_SECONDS = 30.0
REPLICA_LAG_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReplicaSeen:
    """One read replica.

    Args:
        name: Its identifier, or what the primary calls it.
        state: What RDS, or the primary, says of it.
        lag_bytes: What it has not applied; None where nobody says.
        lag_seconds: How long applying takes; None where nobody says.
    """

    name: str
    state: str
    lag_bytes: float | None = None
    lag_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What was seen right before a drill.

    Args:
        instance: The primary's identifier.
        environment: The deployment's `Environment`.
        status: RDS's word for the instance.
        is_multi_az: It has a standby in another zone.
        is_writable: A probe from inside the VPC committed a write.
        pending: Names of changes that RDS would apply with the restart.
        expected_replicas: Identifiers of the read replicas that RDS lists.
        replicas: Those that RDS, or the primary, says something about.
        restorable_until: The latest restorable time; None without automated backups.
        newest_snapshot_at: When the newest available snapshot was made, manual or automated; None without one.
        alarms_on: Names of the deployment's alarms that are on.
    """

    instance: str
    environment: str
    status: str
    is_multi_az: bool
    is_writable: bool
    pending: tuple[str, ...] = ()
    expected_replicas: tuple[str, ...] = ()
    replicas: tuple[ReplicaSeen, ...] = ()
    restorable_until: datetime | None = None
    newest_snapshot_at: datetime | None = None
    alarms_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no failover is forced.

    Args:
        code: For machines.
        reason: One sentence, for people.
    """

    code: str
    reason: str


def decide_drill(situation: Situation, now: datetime) -> tuple[Refusal, ...]:
    """Return every reason against forcing a failover now; none if it may be forced.

    1. the instance is not `available`, or takes no writes
    2. it has no standby, so that it would only be restarted
    3. changes wait for the restart that comes with a failover
    4. a replica lags, or does not follow at all
    5. the automated backups stand still, or no snapshot is young enough
    6. an alarm of the deployment is on
    """
    found = (
        _instance(situation),
        _standby(situation),
        _pending(situation),
        *(_replica(replica) for replica in situation.replicas),
        _missing_replicas(situation),
        _restorable(situation, now),
        _snapshot(situation, now),
        _alarms(situation),
    )
    return tuple(refusal for refusal in found if refusal)


def needs_typed_name(situation: Situation) -> bool:
    """Tell whether the instance's name has to be typed before anything is done: its users are real."""
    return situation.environment == PRODUCTION


def _instance(situation: Situation) -> Refusal | None:
    if situation.status != AVAILABLE:
        return Refusal("not_available", f"{situation.instance} is {situation.status}, not {AVAILABLE}")
    if not situation.is_writable:
        return Refusal("not_writable", f"{situation.instance} takes no writes, or could not be asked")
    return None


def _standby(situation: Situation) -> Refusal | None:
    words = f"{situation.instance} has no standby in another zone: it would be restarted, not failed over"
    return None if situation.is_multi_az else Refusal("not_multi_az", words)


def _pending(situation: Situation) -> Refusal | None:
    names = ", ".join(situation.pending)
    return Refusal("changes_pending", f"the restart would apply what is pending: {names}") if names else None


def _replica(replica: ReplicaSeen) -> Refusal | None:
    if replica.state not in {REPLICATING, STREAMING}:
        return Refusal("replica_not_following", f"the replica {replica.name} is {replica.state}")
    if (replica.lag_bytes or 0) > REPLICA_LAG_BYTES:
        return Refusal("replica_lags", f"the replica {replica.name} is {replica.lag_bytes:.0f} bytes behind")
    if (replica.lag_seconds or 0) > REPLICA_LAG_SECONDS:
        return Refusal("replica_lags", f"the replica {replica.name} is {replica.lag_seconds:.0f} s behind")
    return None


def _missing_replicas(situation: Situation) -> Refusal | None:
    following = sum(replica.state == STREAMING for replica in situation.replicas)
    if following >= len(situation.expected_replicas):
        return None
    words = f"of the replicas {', '.join(situation.expected_replicas)} only {following} follow the primary"
    return Refusal("replica_not_following", words)


def _restorable(situation: Situation, now: datetime) -> Refusal | None:
    until = situation.restorable_until
    if until is None:
        return Refusal("backups_stale", "there are no automated backups: nothing could be restored to a point in time")
    if now - until <= RESTORABLE_WITHIN:
        return None
    return Refusal("backups_stale", f"a restore to a point in time would reach {until:%Y-%m-%d %H:%M:%S} UTC only")


def _snapshot(situation: Situation, now: datetime) -> Refusal | None:
    made_at = situation.newest_snapshot_at
    if made_at is not None and now - made_at <= SNAPSHOT_WITHIN:
        return None
    words = f"the newest snapshot is of {made_at:%Y-%m-%d %H:%M:%S} UTC" if made_at else "there is no good snapshot"
    return Refusal("backups_stale", words)


def _alarms(situation: Situation) -> Refusal | None:
    names = ", ".join(situation.alarms_on)
    return Refusal("alarm_on", f"alarms are on: {names}") if names else None
