"""The roles that the set-up makes, and what each of them may do: the one place where that is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rds_operations.domain.database_objects import ObjectKind, Rights
from rds_operations.domain.databases import Authentication

APP_ROLE = "langpont_app"
READONLY_ROLE = "langpont_readonly"
METRICS_ROLE = "langpont_metrics"
IAM_GROUP = "rds_iam"
"""On RDS, its members log in with a token, and can no longer use a password."""

METRICS_TABLES = (
    ("analytics", "analytics_events"),
    ("monitoring", "analysis_activity_log"),
    ("translations", "translation_history"),
)
"""What the queries of push_metrics read; a test compares."""

# The last places are for metrics, people and RDS itself: neither application role alone can take them.
_SHARE_OF_CONNECTIONS = (9, 10)
# push_metrics, the check and several probes at once.
_METRICS_CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class RoleWish:
    """What a role should be.

    Args:
        name: The role.
        connection_limit: How many connections it may have at once, on each server.
        settings: What its sessions begin with, by parameter.
        groups: Roles that it should be a member of, where they exist.
        foreign_groups: Roles that it must not be a member of.
        rights: What it may do with which kind of objects.
        tables: The tables that this is about; None for all there are and will be. Of sequences it is always all.
    """

    name: str
    connection_limit: int
    settings: Mapping[str, str]
    rights: Mapping[ObjectKind, Rights]
    groups: tuple[str, ...] = ()
    foreign_groups: tuple[str, ...] = ()
    tables: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class RolePassword:
    """The password that a role should have.

    Args:
        role: Whose.
        password: What its secret holds.
        version: The secret's version, which is remembered on the role: a verifier cannot be compared.
    """

    role: str
    password: str = field(repr=False)
    version: str

    @property
    def note(self) -> str:
        """What is noted on the role once it has the password."""
        return f"Set up by langpont-rds; its password is version {self.version} of its secret."


def wanted_roles(*, max_connections: int, metrics_authentication: Authentication) -> tuple[RoleWish, ...]:
    """Return the roles that there should be.

    Args:
        max_connections: How many connections the server takes.
        metrics_authentication: How the metrics role logs in; only with a token is it a member of `rds_iam`.
    """
    numerator, denominator = _SHARE_OF_CONNECTIONS
    limit = max(1, max_connections * numerator // denominator)
    uses_token = metrics_authentication is Authentication.IAM
    return (_app(limit), _readonly(limit), _metrics(uses_token=uses_token))


def _app(connection_limit: int) -> RoleWish:
    return RoleWish(
        name=APP_ROLE,
        connection_limit=connection_limit,
        settings=MappingProxyType(
            {
                # Nobody waits for an answer any more: the query would only hold its locks.
                "statement_timeout": "60s",
                # Rather an error for one request than a queue of all behind a table that is being altered.
                "lock_timeout": "10s",
                # Longer than an answer of a translation engine in a transaction, shorter than everybody's five minutes.
                "idle_in_transaction_session_timeout": "120s",
            }
        ),
        # A schema is changed by the master user: whoever breaks into the application cannot.
        rights=MappingProxyType(
            {
                ObjectKind.DATABASE: ("CONNECT",),
                ObjectKind.SCHEMA: ("USAGE",),
                ObjectKind.TABLE: ("SELECT", "INSERT", "UPDATE", "DELETE"),
                ObjectKind.SEQUENCE: ("USAGE", "SELECT"),
            }
        ),
        foreign_groups=(IAM_GROUP,),
    )


def _readonly(connection_limit: int) -> RoleWish:
    return RoleWish(
        name=READONLY_ROLE,
        connection_limit=connection_limit,
        settings=MappingProxyType(
            {
                # A second lock on the door, should somebody give it a right to write.
                "default_transaction_read_only": "on",
                # Reports may take their time, but a forgotten one must not stop vacuum or a replica's replay for ever.
                "statement_timeout": "300s",
                "lock_timeout": "10s",
                "idle_in_transaction_session_timeout": "120s",
            }
        ),
        rights=MappingProxyType(
            {ObjectKind.DATABASE: ("CONNECT",), ObjectKind.SCHEMA: ("USAGE",), ObjectKind.TABLE: ("SELECT",)}
        ),
        foreign_groups=(IAM_GROUP,),
    )


def _metrics(*, uses_token: bool) -> RoleWish:
    return RoleWish(
        name=METRICS_ROLE,
        connection_limit=_METRICS_CONNECTIONS,
        settings=MappingProxyType(
            {
                "default_transaction_read_only": "on",
                # The longest that a metric's own header may ask for (domain/metric_queries).
                "statement_timeout": "30s",
                "lock_timeout": "1s",
                # idle_in_transaction_session_timeout stays the server's: the check reads it in a session of this role.
            }
        ),
        rights=MappingProxyType(
            {
                ObjectKind.DATABASE: ("CONNECT",),
                ObjectKind.SCHEMA: ("USAGE",),
                ObjectKind.TABLE: ("SELECT",),
                # How far it is used up, which no statistics view tells; a sequence holds no data of anybody.
                ObjectKind.SEQUENCE: ("SELECT",),
            }
        ),
        groups=("pg_monitor", IAM_GROUP) if uses_token else ("pg_monitor",),
        foreign_groups=() if uses_token else (IAM_GROUP,),
        tables=METRICS_TABLES,
    )
