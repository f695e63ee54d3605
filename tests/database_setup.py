"""Sets a real PostgreSQL up as the deployed function does, without Lambda and without Secrets Manager."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rds_operations.adapters.postgres import PostgresDatabase
from rds_operations.adapters.postgres_administration import administration
from rds_operations.domain.database_roles import (
    APP_ROLE,
    METRICS_ROLE,
    READONLY_ROLE,
    RolePassword,
    RoleWish,
    wanted_roles,
)
from rds_operations.domain.databases import Authentication, DatabaseEndpoint, DatabaseLogin
from rds_operations.usecases.set_up_database import DatabaseSetupRun, set_up_database

PASSWORDS = {APP_ROLE: "app-Pass1word", READONLY_ROLE: "readonly-Pass2word", METRICS_ROLE: "metrics-Pass3word"}
ROLES = wanted_roles(max_connections=300, metrics_authentication=Authentication.SECRET)


@dataclass(frozen=True, slots=True)
class Place:
    """A database, and who may log in to it."""

    host: str
    host_address: str
    port: int
    ca_bundle: Path
    database: str

    def as_user(self, user: str, password: str) -> PostgresDatabase:
        """Return the database as a function reaches it, logged in to with a password."""
        return PostgresDatabase(
            DatabaseEndpoint(self.host, self.port, self.host_address),
            name=self.database,
            ca_bundle=str(self.ca_bundle),
            login=lambda: DatabaseLogin(user, password),
            application_name="tests",
        )


def role_passwords(passwords: Mapping[str, str] = PASSWORDS, version: str = "v1") -> dict[str, RolePassword]:
    """Return passwords as they come from secrets, all of one version."""
    return {role: RolePassword(role, password, version) for role, password in passwords.items()}


def set_up(
    master: PostgresDatabase,
    *,
    roles: tuple[RoleWish, ...] = ROLES,
    passwords: Mapping[str, RolePassword] | None = None,
) -> DatabaseSetupRun:
    """Run the set-up as the master user and return what it did, failures included."""
    with administration(master) as server:
        return set_up_database(roles, role_passwords() if passwords is None else passwords, server)
