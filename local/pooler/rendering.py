"""`make pgbouncer`: the pooler's configuration for an environment, as a folder to take to where it will run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from deployment.samconfig import LOCAL
from local.checkout import Checkout
from local.errors import LocalError
from local.free_ports import LOOPBACK, find_free_ports
from local.pooler.configuration import CERTIFICATE, CONFIGURATION, USERS, Setting, render, write_files
from local.pooler.deployed import read_upstreams
from local.pooler.program import OLDEST, Version, find_pgbouncer
from local.pooler.running import HOST
from local.postgres.certificates import issue_certificates
from local.redrive.places import Place

EVERYWHERE = "*"
"""What PgBouncer listens at for every address of its machine."""
FOLDER_THERE = "/etc/pgbouncer"

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for on the command line.

    Args:
        environment: Which deployment; `local` or empty for the embedded one.
        version: PgBouncer's where it will run; empty for the one here, or the oldest.
        listen: The address to take connections at.
    """

    environment: str = ""
    version: str = ""
    listen: str = ""

    @property
    def is_embedded(self) -> bool:
        """Tell whether the pooler runs on this machine, before the embedded environment."""
        return self.environment in {"", LOCAL}


def write_configuration(place: Place, checkout: Checkout, wishes: Wishes, say: Say) -> Path:
    """Write the configuration for a deployment, and return its folder.

    Args:
        place: The deployment.
        checkout: Where to write.
        wishes: For which version and address.
        say: Told what was written, and what is still to be brought along.

    Raises:
        LocalError: the version is unknown, the address is none, or the deployment does not say what is needed.
    """
    version = _version(wishes.version)
    folder = checkout.pooler_configuration / (wishes.environment or LOCAL)
    setting = _setting(wishes, version, folder)
    files = write_files(render(read_upstreams(place), setting), folder)
    say(f"PgBouncer {version} or later: {', '.join(file.name for file in files)} in {folder}")
    say(f"It listens at {setting.listen_address}, port {setting.listen_port}.")
    say(f"{USERS} holds the passwords of both roles; nobody but its owner gets into the folder.")
    if wishes.is_embedded:
        issue_certificates(folder, [HOST], datetime.now(UTC))
        say(f"Its certificate is for {HOST}; start it as an ordinary user with `pgbouncer {folder / CONFIGURATION}`.")
    else:
        own = f"{CERTIFICATE}.pem and {CERTIFICATE}.key"
        say(f"They belong into {setting.folder}, with the pooler's own {own} (docs/pgbouncer.md).")
    return folder


def _setting(wishes: Wishes, version: Version, folder: Path) -> Setting:
    listen = _address(wishes.listen or LOOPBACK)
    if wishes.is_embedded:
        return Setting(str(folder), version, listen, find_free_ports(1)[0], certificate=HOST)
    return Setting(FOLDER_THERE, version, listen)


def _address(wished: str) -> str:
    if wished != EVERYWHERE:
        try:
            ip_address(wished)
        except ValueError as error:
            raise LocalError(f"LISTEN is {wished!r}, allowed: an IP address or {EVERYWHERE}") from error
    return wished


def _version(wished: str) -> Version:
    if wished:
        return Version.of(wished)
    program = find_pgbouncer()
    return program.version if program else OLDEST
