"""The process that is the local AWS: ministack with the gaps closed, on the settings that local/lifecycle.py gives."""

# The emulator reads its settings when it is imported: they come in through the environment of this process.
from ministack import app

from local.aws.gaps import (
    alarm_permissions,
    alarms,
    async_invocations,
    change_sets,
    composite_alarms,
    conditions,
    embedded_metrics,
    lambda_runtime,
    managed_policies,
    message_keys,
    metric_math_alarms,
    nested_stacks,
    network_resources,
    rds_authorization,
    rds_deletion,
    rds_failover,
    rds_instances,
    rds_maintenance,
    rds_master_user,
    rds_snapshots,
    rds_watch,
    schedule_permissions,
    schedules,
    secret_resources,
    secrets,
    secure_transport,
    security_group_rules,
    service_permissions,
    stack_policies,
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
    _install_deployment()
    _install_resource_types()
    _install_events()
    service_permissions.install()
    alarm_permissions.install()
    schedule_permissions.install()
    message_keys.install()
    secure_transport.install()
    managed_policies.install()
    lambda_runtime.install(settings.lambda_python)
    _install_database(DescribedCluster(settings.root, settings.root / "environment.json"))


def _install_deployment() -> None:
    nested_stacks.install()
    change_sets.install()
    conditions.install()
    stack_policies.install()


def _install_resource_types() -> None:
    composite_alarms.install()
    metric_math_alarms.install()
    network_resources.install()
    secret_resources.install()
    secrets.install()
    security_group_rules.install()


def _install_events() -> None:
    alarms.install()
    async_invocations.install()
    embedded_metrics.install()
    schedules.install()


def _install_database(cluster: DescribedCluster) -> None:
    rds_authorization.install()
    rds_instances.install({identifier(e.host): Endpoint(e.host, e.port) for e in (cluster.writer, cluster.replica)})
    rds_maintenance.install()
    rds_master_user.install(identifier(cluster.writer.host), cluster)
    rds_deletion.install()
    rds_snapshots.install()
    rds_failover.install(identifier(cluster.writer.host), cluster)
    rds_watch.install(identifier(cluster.writer.host), cluster)


if __name__ == "__main__":
    main()
