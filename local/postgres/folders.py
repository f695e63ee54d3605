"""Where the database keeps what it keeps, under the environment's root directory."""

import shutil
from dataclasses import dataclass
from pathlib import Path

_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class Folders:
    """The places under `<root>/postgres`.

    Args:
        root: The environment's root directory.
    """

    root: Path

    @property
    def base(self) -> Path:
        """Return the folder of everything below."""
        return self.root.resolve() / "postgres"

    @property
    def topology(self) -> Path:
        """Return the file that says which server plays which part."""
        return self.base / "topology.json"

    @property
    def lock(self) -> Path:
        """Return the file that is locked while the cluster is changed; it outlives the data."""
        return self.root.resolve() / "postgres.lock"

    @property
    def writer_target(self) -> Path:
        """Return the file that names the server behind the writer endpoint."""
        return self.base / "writer-target"

    @property
    def last_failover(self) -> Path:
        """Return the file that says what happened when in the last failover."""
        return self.base / "last-failover.json"

    @property
    def watch(self) -> Path:
        """Return the file that has the primary watched; it holds the id of the process that wants that."""
        return self.root.resolve() / "primary-watch"

    @property
    def certificates(self) -> Path:
        """Return the folder of the certificates and their keys."""
        return self.base / "certificates"

    @property
    def ca_bundle(self) -> Path:
        """Return the certificate that clients check the servers' against."""
        return self.certificates / "ca.pem"

    @property
    def credentials(self) -> Path:
        """Return the folder of the passwords."""
        return self.base / "credentials"

    def password_file(self, role: str) -> Path:
        """Return the file that holds one role's password."""
        return self.credentials / role

    @property
    def pgpass(self) -> Path:
        """Return the passwords in the form that PostgreSQL's own programs read."""
        return self.credentials / "pgpass"

    def data(self, server: str) -> Path:
        """Return a server's data directory."""
        return self.base / server / "data"

    def log(self, server: str) -> Path:
        """Return the folder of a server's own log files, outside its data: a base backup does not copy it."""
        return self.base / server / "log"

    def create(self) -> None:
        """Create the folder; others may pass through it, because PostgreSQL may run as somebody else."""
        self.base.mkdir(parents=True, exist_ok=True)

    def remove(self) -> None:
        """Remove everything; harmless when there is nothing."""
        if self.base.exists():
            shutil.rmtree(self.base)


def make_private_folder(folder: Path) -> None:
    """Create an empty folder that only its owner may enter, in place of what was there."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=_PRIVATE)
