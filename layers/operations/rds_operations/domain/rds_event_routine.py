"""RDS events that are part of normal life: recorded, and quiet. Source as in rds_event_table."""

from collections.abc import Mapping

from rds_operations.domain.rds_event_rules import EventRule, routine

ROUTINE: Mapping[str, EventRule] = {
    **routine("backup", {"0001": "An automatic backup started", "0002": "An automatic backup finished"}),
    **routine(
        "configuration change",
        {
            "0011": "The instance uses another parameter group",
            "0012": "A change of the instance class is being applied",
            "0014": "The instance class was changed",
            "0017": "The storage was changed",
            "0018": "A change of the storage is being applied",
            "0024": "The instance is being converted to Multi-AZ",
            "0025": "The instance was converted to Multi-AZ",
            "0032": "Automated backups were enabled",
            "0037": "A parameter of the parameter group was changed",
            "0078": "The interval of Enhanced Monitoring was changed",
            "0092": "The parameter group was updated",
            "0217": "Storage autoscaling started",
            "0218": "Storage autoscaling finished",
            "0295": "The upgrade of the storage configuration started",
            "0296": "The upgrade of the storage configuration finished",
        },
    ),
    **routine(
        "creation",
        {
            "0005": "The instance was created",
            "0040": "A manual snapshot is being created",
            "0042": "A manual snapshot was created",
            "0090": "An automated snapshot is being created",
            "0091": "An automated snapshot was created",
        },
    ),
    **routine("deletion", {"0041": "A manual snapshot was deleted"}),
    **routine(
        "maintenance",
        {
            "0047": "The instance was patched",
            "0178": "An engine upgrade is in progress",
            "0264": "The checks before an engine upgrade started",
            "0265": "The checks before an engine upgrade finished",
            "0267": "The engine upgrade started",
            "0269": "The work after an engine upgrade is in progress",
            "0398": "The read replica waits for the upgrade of its source",
            "0399": "The source waits for the upgrade of its read replicas",
        },
    ),
    **routine(
        "notification",
        {
            "0059": "The copy of a snapshot to another region started",
            "0060": "The copy of a snapshot to another region finished",
            "0088": "The instance was started",
            "0160": "The export of a snapshot was cancelled",
            "0161": "The export of a snapshot completed",
            "0196": "The copy of a snapshot started",
            "0197": "The copy of a snapshot finished",
            "0231": "A change of the storage hit an internal error; RDS tries again",
            "0385": "The topology of a cluster changed",
        },
    ),
    **routine(
        "read replica",
        {
            "0063": "Replication from a source outside RDS was reset",
            "0233": "The switchover to a read replica started",
            "0415": "Replication resumed after an upgrade",
            "0416": "Replication stopped for an upgrade",
        },
    ),
    **routine("recovery", {"0023": "A snapshot was requested while another one is being taken"}),
    **routine(
        "restoration",
        {
            "0019": "The instance was restored to a point in time",
            "0043": "An instance is being restored from a snapshot",
        },
    ),
    **routine("security", {"0068": "The password of the security module was decrypted"}),
}
