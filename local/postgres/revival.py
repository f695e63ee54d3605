"""Starts a cluster's primary and writer endpoint again on their recorded ports, so that what was told of them holds.

The servers behind the primary are recovery.py's.
"""

from dataclasses import replace

from local.errors import LocalError
from local.postgres.data_directory import was_promoted
from local.postgres.members import Members
from local.postgres.postmaster import forget_postmaster
from local.postgres.topology import Role
from local.processes import Processes
from local.waiting import wait_until

_LAST_PROCESSES_DEADLINE_SECONDS = 10.0


def revive_primary(members: Members) -> Members:
    """Start the primary again where it is dead, and return the cluster as it is then.

    A standby that was in sync and is none any more was promoted by a failover that was interrupted: it is the primary,
    and has what the old one has not.

    Raises:
        LocalError: it cannot be started.
    """
    if members.node(Role.PRIMARY).is_running():
        return members
    if members.topology.in_sync and was_promoted(members.node(Role.STANDBY)):
        members = replace(members, topology=members.topology.failed_over())
        members.topology.write(members.folders.topology)
    primary = members.node(Role.PRIMARY)
    if not primary.is_running():
        Processes(members.folders.root).stop_leftovers(primary.process_name)
        wait_until(
            f"the last processes of the server {primary.name} to end",
            lambda: forget_postmaster(primary.data),
            deadline_seconds=_LAST_PROCESSES_DEADLINE_SECONDS,
        )
        primary.start()
    return members


def revive_writer_endpoint(members: Members) -> None:
    """Let the writer endpoint lead to the primary, on its recorded port.

    Raises:
        LocalError: it cannot be started, e.g. because another program has its port now.
    """
    try:
        members.writer_process.ensure_leads_to(members.node(Role.PRIMARY).endpoint.port)
    except LocalError as error:
        raise LocalError(f"{error}; free the port, or begin anew with `make down`") from error
