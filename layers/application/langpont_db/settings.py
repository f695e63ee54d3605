"""What a Database is told: the URLs, and every number with its unit and its bounds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy.engine import URL

from langpont_db.errors import ConfigurationError
from langpont_db.urls import parse_url

if TYPE_CHECKING:
    # botocore comes with it, and is an extra.
    from rds_postgres.tokens import SigningCredentials


class Login(StrEnum):
    """How roles log in: with the URL's password, or with a fresh IAM token for each connection."""

    PASSWORD = "password"  # noqa: S105 (no secret)
    IAM = "iam"


@dataclass(frozen=True, slots=True)
class PoolSize:
    """How many connections a pool holds.

    Args:
        size: How many it keeps open.
        max_overflow: How many more it opens while they are needed.
    """

    size: int
    max_overflow: int

    @property
    def most(self) -> int:
        """The most connections that it has at once."""
        return self.size + self.max_overflow


LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "pool_timeout_seconds": (0.1, 3600),
        "pool_recycle_seconds": (1, 86_400),
        "processes": (1, 1000),
        # Less than four looks at the servers, and every replica would be out between two of them.
        "lag_bound_seconds": (1, 3600),
        "replica_wait_seconds": (0, 60),
        "statement_timeout_seconds": (1, 86_400),
        "purpose_statement_timeout_seconds": (1, 86_400),
        "idle_in_transaction_timeout_seconds": (1, 86_400),
        "retry_deadline_seconds": (0, 3600),
        # libpq, "connect_timeout": one second is taken for two.
        "connect_timeout_seconds": (2, 60),
    }
)
"""Bounds of the numbers below, both allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the servers are and how they are used; a wrong value raises one ConfigurationError that names it.

    Args:
        primary_url: The writer endpoint.
        replica_urls: Replicas for ordinary reads, each URL one server: its pool is believed what is seen of it.
        purpose_urls: Replicas for one purpose each, e.g. `{"analytics": (url,)}`; ordinary reads never go there.
        primary_pool: Connections to the primary; design D2.
        replica_pool: Connections to each replica; design D2.
        pool_timeout_seconds: Wait for a connection of an exhausted pool; design D2.
        pool_recycle_seconds: Age at which an unused connection is replaced; design D2.
        processes: How many processes have such pools, for the arithmetic at start.
        lag_bound_seconds: How old what a replica shows may be.
        replica_wait_seconds: How long a read waits for a replica to have its user's writes; 0 = it goes to the primary.
        statement_timeout_seconds: The longest statement of an ordinary session.
        purpose_statement_timeout_seconds: The longest statement of a session for a purpose; reports take their time.
        idle_in_transaction_timeout_seconds: How long a transaction may hold its locks without a statement.
        retry_deadline_seconds: How long run_in_transaction goes on; RDS fails over within 60 to 120 s.
        connect_timeout_seconds: Wait for a new connection.
        token_key: Signs the tokens of requests; the same in every process.
        login: How roles log in.
        region: The instances' region, with IAM.
        credentials: Returns the AWS credentials to sign with; None = wherever botocore finds some.
    """

    primary_url: str = field(repr=False)
    replica_urls: tuple[str, ...] = field(default=(), repr=False)
    purpose_urls: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    primary_pool: PoolSize = PoolSize(20, 30)
    replica_pool: PoolSize = PoolSize(15, 25)
    pool_timeout_seconds: float = 30
    pool_recycle_seconds: int = 3600
    processes: int = 1
    lag_bound_seconds: float = 5
    replica_wait_seconds: float = 0
    statement_timeout_seconds: float = 60
    purpose_statement_timeout_seconds: float = 300
    idle_in_transaction_timeout_seconds: float = 120
    retry_deadline_seconds: float = 60
    connect_timeout_seconds: int = 3
    token_key: str | None = field(default=None, repr=False)
    login: Login = Login.PASSWORD
    region: str | None = None
    credentials: "Callable[[], SigningCredentials] | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        complaints = [complaint for each in fields(self) if (complaint := self._complaint(each.name))]
        for pool in (self.primary_pool, self.replica_pool):
            if pool.size < 1 or pool.max_overflow < 0:
                complaints.append(f"{pool} is no pool, allowed: size from 1, max_overflow from 0")
        if self.login is Login.IAM and not self.region:
            complaints.append(
                "region is not set (DATABASE_REGION), allowed: the instances' region, because login is iam"
            )
        if complaints:
            raise ConfigurationError("; ".join(complaints))
        self.targets()

    def targets(self) -> "Targets":
        """Return the URLs, parsed.

        Raises:
            ConfigurationError: one of them is none, or stands for two things.
        """
        purposes = {
            purpose: tuple(parse_url(f"purpose_urls[{purpose!r}]", url) for url in urls)
            for purpose, urls in self.purpose_urls.items()
        }
        replicas = tuple(parse_url("replica_urls", url) for url in self.replica_urls)
        targets = Targets(parse_url("primary_url", self.primary_url), replicas, MappingProxyType(purposes))
        targets.refuse_repetitions()
        return targets

    def _complaint(self, name: str) -> str | None:
        if name not in LIMITS:
            return None
        (low, high), value = LIMITS[name], getattr(self, name)
        return None if low <= value <= high else f"{name} is {value!r}, allowed: {low:g} to {high:g}"


@dataclass(frozen=True, slots=True)
class Targets:
    """The servers by what they are for."""

    primary: URL
    replicas: tuple[URL, ...]
    purposes: Mapping[str, tuple[URL, ...]]

    def refuse_repetitions(self) -> None:
        """Raise when a replica's URL is there twice: one server, one pool, one purpose.

        Raises:
            ConfigurationError: the message names host and port.
        """
        seen: set[tuple[object, ...]] = set()
        for url in (*self.replicas, *(url for urls in self.purposes.values() for url in urls)):
            # Behind one host and port a pooler may have several databases.
            key = (url.host, url.port, url.database, url.query.get("hostaddr"))
            if key in seen:
                raise ConfigurationError(f"the replica {url.host}:{url.port} is named twice, allowed: once")
            seen.add(key)
