"""The kinds of RDS events that need a person, as data: severity, what it means, what to do.

Source: RDS User Guide, "Amazon RDS event categories and event messages", for instances, snapshots and parameter groups
of PostgreSQL. Identifiers that are in no table are judged by their category (rds_events.judge). Events are known by
their identifier alone: the texts are not stable.
"""

from collections.abc import Mapping

from rds_operations.domain.alerts import Severity
from rds_operations.domain.rds_event_rules import EventRule, alerted

_FAILOVERS = alerted(
    Severity.CRITICAL,
    "Connections are cut; reads and writes on the primary fail until the other server has taken over, usually within "
    "one to two minutes. Committed data is safe.",
    "Wait for the completion; do not reboot or modify the instance. None within 10 minutes: follow the runbook.",
    {
        "0013": ("failover", "Multi-AZ failover started"),
        "0050": ("failover", "Multi-AZ activation started"),
    },
) | alerted(
    Severity.WARNING,
    "The database should take connections again.",
    "Check that the application writes again; restart what still holds connections to the old server.",
    {
        "0015": ("failover", "Failover to the standby completed, DNS may take minutes"),
        "0049": ("failover", "Multi-AZ failover completed"),
        "0051": ("failover", "Multi-AZ activation completed"),
        "0065": ("failover", "Recovered from a partial failover"),
    },
)

_OUTAGES = alerted(
    Severity.CRITICAL,
    "The database takes no connections, or is about to stop taking them.",
    "Find out whether someone did it on purpose; if not, start from the instance's status and its latest events.",
    {
        "0003": ("deletion", "The instance was deleted"),
        "0004": ("availability", "The instance was shut down"),
        "0020": ("recovery", "Recovery of the instance started"),
        "0022": ("availability", "The database could not be restarted"),
        "0031": ("failure", "The instance failed; AWS recommends a point-in-time restore"),
        "0035": ("failure", "The instance has invalid parameters"),
        "0036": ("failure", "The instance is in an incompatible network"),
        "0087": ("notification", "The instance was stopped"),
        "0270": ("maintenance", "The engine upgrade failed and was rolled back"),
        "0315": ("failure", "The instance cannot leave the incompatible network"),
        "0327": ("notification", "RDS cannot find the secret of the master user"),
        "0404": ("notification", "Memory is critically low; RDS lowered shared_buffers"),
        "0418": ("failure", "RDS cannot reach the KMS key of the storage"),
        "0419": ("availability", "RDS lost the KMS key; the database becomes inaccessible"),
    },
)

_STORAGE = alerted(
    Severity.CRITICAL,
    "Writes fail, or soon will: there is no room left.",
    "Raise the allocated storage and its maximum now; then find what grows (WAL held by a slot, files, tables).",
    {
        "0007": ("low storage", "The allocated storage is exhausted"),
        "0221": ("availability", "The storage was full; the database was shut down"),
        "0222": ("availability", "Free storage is low; the database will be shut down"),
        "0223": ("failure", "Storage autoscaling failed"),
        "0330": ("availability", "The log volume is nearly full; the database will be shut down"),
        "0331": ("availability", "The log volume is nearly full"),
    },
) | alerted(
    Severity.WARNING,
    "Nothing fails yet; without action the storage may run out.",
    "Raise the maximum of the storage, or find what grows.",
    {
        "0089": ("low storage", "More than 90 per cent of the storage is used"),
        "0189": ("notification", "The burst credits of the storage are low"),
        "0219": ("failure", "Storage autoscaling is impossible in the instance's state"),
        "0220": ("failure", "Storage autoscaling has to wait for its cool-off of six hours"),
        "0224": ("failure", "Storage autoscaling would exceed its maximum"),
        "0225": ("notification", "Storage has reached 80 per cent of its maximum"),
        "0237": ("failure", "Storage autoscaling is impossible for want of the storage type"),
        "0254": ("failure", "Storage autoscaling is impossible: the account's storage quota is used up"),
    },
)

_REPLICAS = alerted(
    Severity.CRITICAL,
    "Reads from the replica grow older by the minute; the primary works, but keeps the log that the replica needs.",
    "Send reads to the primary; look at the replica's status and replication error; rebuild it if terminated.",
    {
        "0045": ("read replica", "Replication to the read replica stopped"),
        "0057": ("read replica", "Replication to the read replica was terminated"),
    },
) | alerted(
    Severity.WARNING,
    "There is one replica less than planned; reads from it may be old.",
    "Find out whether this was on purpose; otherwise start the replication again or rebuild the replica.",
    {
        "0062": ("read replica", "Replication to the read replica was stopped by hand"),
        "0202": ("read replica", "The read replica could not be created"),
    },
)

_PROTECTION = alerted(
    Severity.CRITICAL,
    "From now on nothing can be restored to a point in time.",
    "Find out who disabled the backups; set the retention period again.",
    {"0028": ("configuration change", "Automated backups were disabled")},
) | alerted(
    Severity.WARNING,
    "Users notice nothing, but the loss of this server or zone would now be an outage.",
    "Find out whether this was on purpose; otherwise make the instance Multi-AZ again, or wait for the standby.",
    {
        "0029": ("configuration change", "The instance was converted to Single-AZ"),
        "0030": ("configuration change", "The instance is being converted to Single-AZ"),
        "0052": ("recovery", "Recovery of the Multi-AZ standby started"),
        "0361": ("recovery", "The standby is being rebuilt; latency may rise"),
    },
)

_ATTENTION = alerted(
    Severity.WARNING,
    "Connections were cut or may be: users see errors for the time of a restart.",
    "Find out why: maintenance, a person, or a crash (PostgreSQL's log); check that the application writes again.",
    {
        "0006": ("availability", "The instance restarted"),
        "0026": ("maintenance", "Offline patching started; the database is unavailable"),
        "0154": ("notification", "The instance was started: it had been stopped for the longest time allowed"),
        "0266": ("maintenance", "The downtime of an engine upgrade started"),
    },
) | alerted(
    Severity.WARNING,
    "The database keeps running.",
    "Read RDS's message below and decide; the console shows the details.",
    {
        "0016": ("configuration change", "The master user's credentials were reset"),
        "0034": ("failover", "A requested failover was abandoned: there had been one shortly before"),
        "0044": ("notification", "A notice from AWS about the instance"),
        "0048": ("notification", "An engine upgrade waits for the read replicas"),
        "0067": ("configuration change", "The master user's password could not be reset"),
        "0079": ("failure", "Enhanced Monitoring was disabled: its role is missing"),
        "0080": ("failure", "Enhanced Monitoring was disabled: its role is misconfigured"),
        "0086": ("backup", "An option group could not be associated"),
        "0158": ("notification", "The instance cannot be upgraded in its state"),
        "0159": ("notification", "The export of a snapshot failed"),
        "0190": ("notification", "The copy of a snapshot was cancelled"),
        "0061": ("notification", "The copy of a snapshot to another region was cancelled"),
        "0278": ("failure", "The instance could not be created"),
        "0306": ("failure", "The upgrade of the storage configuration failed"),
        "0353": ("failure", "The instance could not be created within the account's limits"),
        "0425": ("maintenance", "The operating system cannot be upgraded: no free addresses"),
        "0429": ("maintenance", "The operating system cannot be upgraded: no capacity in the zone"),
        "0501": ("maintenance", "The server certificate has to be rotated"),
        "0502": ("maintenance", "The rotation of the server certificate is scheduled, with a restart"),
    },
)

_PLANNED = alerted(
    Severity.INFO,
    "Nothing changes before the maintenance window.",
    "Plan it: the console's maintenance page of the instance shows what is pending, and when.",
    {
        "0155": ("maintenance", "A minor version upgrade is available"),
        "0230": ("security patching", "An operating system update is available"),
        "0396": ("availability", "A restart of the read replica is scheduled after a password rotation"),
        "0422": ("maintenance", "The host of the instance will be replaced"),
    },
)

_ENDINGS = alerted(
    Severity.RESOLVED,
    "What was told before is over.",
    "Check that the application writes again, and that the instance's alarms are back to OK.",
    {
        "0021": ("recovery", "Recovery of the instance completed"),
        "0027": ("maintenance", "Offline patching finished; the database is available"),
        "0046": ("read replica", "Replication to the read replica resumed"),
        "0053": ("recovery", "Recovery of the Multi-AZ standby completed"),
        "0268": ("maintenance", "The engine upgrade finished"),
        "0362": ("recovery", "The standby was rebuilt"),
        "0420": ("failure", "RDS can reach the KMS key again"),
    },
)

ALERTED: Mapping[str, EventRule] = {
    **_FAILOVERS,
    **_OUTAGES,
    **_STORAGE,
    **_REPLICAS,
    **_PROTECTION,
    **_ATTENTION,
    **_PLANNED,
    **_ENDINGS,
}
