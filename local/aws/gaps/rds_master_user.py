"""The master user has the password that its instance was made with: RDS sets it in the database, the emulator nowhere.

What the deployment runs in the database needs it while the deployment is still under way.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from ministack.services.cloudformation import provisioners

from local.aws.gaps.rds_instances import TYPE
from local.errors import LocalError
from local.postgres.credentials import read_password
from local.postgres.folders import Folders

type Made = tuple[str, dict[str, Any]]
type Properties = Mapping[str, Any]


class RolesOfCluster(Protocol):
    """What this needs of the embedded cluster."""

    folders: Folders

    def set_role_password(self, role: str, password: str) -> None:
        """Give a role another password, and keep it in its file."""


def install(primary_identifier: str, cluster: RolesOfCluster) -> None:
    """Wrap creation and update of instances.

    Args:
        primary_identifier: The instance that the cluster plays.
        cluster: Whose master user it is.
    """
    handlers = provisioners._RESOURCE_HANDLERS[TYPE]
    create, update = handlers["create"], handlers["update"]

    def create_with_password(logical_id: str, properties: Properties, stack: str) -> Made:
        made: Made = create(logical_id, properties, stack)
        if _is_played(made, primary_identifier):
            give_password(properties, cluster)
        return made

    def update_with_password(identifier: str, old: Properties, new: Properties, stack: str, *rest: Any) -> Made:
        made: Made = update(identifier, old, new, stack, *rest)
        if _is_played(made, primary_identifier):
            give_password(new, cluster)
        return made

    handlers.update(create=create_with_password, update=update_with_password)


def give_password(properties: Properties, cluster: RolesOfCluster) -> None:
    """Give the master user of the properties their password; harmless when it has that.

    Args:
        properties: The instance's; a replica's have no master user.
        cluster: Whose master user it is.

    Raises:
        ValueError: the cluster has no such role or does not answer; the emulator reports it as the resource's failure.
    """
    user, password = properties.get("MasterUsername"), properties.get("MasterUserPassword")
    if not user or not password or _has(cluster.folders.password_file(user), cluster, user, password):
        return
    try:
        cluster.set_role_password(user, password)
    except LocalError as error:
        raise ValueError(str(error)) from error


def _is_played(made: Made, primary_identifier: str) -> bool:
    """Tell whether the cluster plays the instance, which may have another name and the cluster's address."""
    identifier, attributes = made
    return primary_identifier in (identifier, attributes.get("Endpoint.Address", "").split(".")[0])


def _has(file: Path, cluster: RolesOfCluster, user: str, password: str) -> bool:
    return file.exists() and read_password(cluster.folders, user) == password
