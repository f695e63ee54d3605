"""What there is in a database that rights can be given on, and who has which."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PUBLIC = "PUBLIC"
"""Everybody, as PostgreSQL's grants name them."""

type Rights = tuple[str, ...]


class ObjectKind(StrEnum):
    """The kinds of objects that the set-up gives rights on, in PostgreSQL's words; views are tables to a grant."""

    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    TABLE = "TABLE"
    SEQUENCE = "SEQUENCE"


@dataclass(frozen=True, slots=True)
class DatabaseObject:
    """One object.

    Args:
        kind: What it is.
        name: Schema and name, or the name alone.
        is_ours: Whether the master user may give rights on it: it is the owner's, or a member of the owner.
        rights: The rights that were given, by role or `PUBLIC`.
    """

    kind: ObjectKind
    name: tuple[str, ...]
    is_ours: bool = True
    rights: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return ".".join(self.name)

    def lacks(self, role: str, wanted: Rights) -> bool:
        """Tell whether the role was not given all of the rights."""
        return not set(wanted) <= self.rights.get(role, frozenset())


@dataclass(frozen=True, slots=True)
class DatabaseRole:
    """One role.

    Args:
        can_log_in: It has LOGIN.
        makes_roles: It has CREATEROLE.
        makes_databases: It has CREATEDB.
        connection_limit: How many connections it may have at once; -1 = any number.
        settings: What its sessions begin with, by parameter.
        groups: The roles that it is a direct member of.
        comment: What was noted on it.
    """

    can_log_in: bool = False
    makes_roles: bool = False
    makes_databases: bool = False
    connection_limit: int = -1
    settings: Mapping[str, str] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """A database as it is found.

    Args:
        database: Its name.
        extensions: The extensions that there are.
        settings: What its sessions begin with, by parameter.
        roles: Every role of the server.
        objects: The database itself, its schemas, tables and sequences without the system's and those of extensions.
        default_rights: What roles get on objects that the master user makes later, by kind and role.
    """

    database: str
    extensions: frozenset[str] = frozenset()
    settings: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, DatabaseRole] = field(default_factory=dict)
    objects: tuple[DatabaseObject, ...] = ()
    default_rights: Mapping[ObjectKind, Mapping[str, frozenset[str]]] = field(default_factory=dict)

    def of_kind(self, kind: ObjectKind) -> tuple[DatabaseObject, ...]:
        """Return the objects of a kind."""
        return tuple(each for each in self.objects if each.kind is kind)
