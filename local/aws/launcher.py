"""The process that is the local AWS: ministack with the gaps closed, on the settings that local/lifecycle.py gives."""

# The emulator reads its settings when it is imported: they come in through the environment of this process.
from ministack import app

from local.aws.gaps import (
    alarms,
    async_invocations,
    embedded_metrics,
    lambda_runtime,
    managed_policies,
    nested_sam,
    rds_authorization,
    rds_failover,
    rds_instances,
    rds_snapshots,
    schedules,
    secrets,
    security_group_rules,
    service_permissions,
)
from local.aws.gaps.rds_instances import Endpoint
from local.aws.launcher_settings import LauncherSettings
from local.instances import DescribedCluster, identifier


def main() -> None:
    """Close the gaps and serve until told to stop."""
    install_gaps(LauncherSettings.from_env())
    app.main()


def install_gaps(settings: LauncherSettings) -> None:
    """Install every module of `gaps`, in no particular order."""
    cluster = DescribedCluster(settings.root, settings.root / "environment.json")
    nested_sam.install()
    schedules.install()
    async_invocations.install()
    lambda_runtime.install(settings.lambda_python)
    managed_policies.install()
    embedded_metrics.install()
    alarms.install()
    secrets.install()
    security_group_rules.install()
    service_permissions.install()
    rds_authorization.install()
    rds_instances.install({identifier(e.host): Endpoint(e.host, e.port) for e in (cluster.writer, cluster.replica)})
    rds_snapshots.install()
    rds_failover.install(identifier(cluster.writer.host), cluster)


if __name__ == "__main__":
    main()
