"""What the set-up can change in a database; how is the adapter's business. Each says in words what it is."""

from dataclasses import dataclass, field

from rds_operations.domain.database_objects import ObjectKind, Rights

_NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class MakeExtension:
    """Make an extension in a schema."""

    name: str
    schema: str

    def __str__(self) -> str:
        return f"{self.name} made in {self.schema}"


@dataclass(frozen=True, slots=True)
class MakeNumberTable:
    """Make a table of whole numbers, unique together, each row with the time it was written."""

    name: tuple[str, ...]
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{'.'.join(self.name)} made"


@dataclass(frozen=True, slots=True)
class SetForDatabase:
    """Give every new session of the database a value."""

    database: str
    parameter: str
    value: str

    def __str__(self) -> str:
        return f"{self.parameter} = {self.value}"


@dataclass(frozen=True, slots=True)
class MakeRole:
    """Make a role that can do nothing yet."""

    role: str

    def __str__(self) -> str:
        return "made"


@dataclass(frozen=True, slots=True)
class LimitRole:
    """Let a role log in, so many times at once, and make neither roles nor databases."""

    role: str
    connection_limit: int

    def __str__(self) -> str:
        return f"may log in, {self.connection_limit} times at once"


@dataclass(frozen=True, slots=True)
class SetForRole:
    """Give every new session of a role a value."""

    role: str
    parameter: str
    value: str

    def __str__(self) -> str:
        return f"{self.parameter} = {self.value}"


@dataclass(frozen=True, slots=True)
class JoinGroup:
    """Make a role a member of another."""

    role: str
    group: str

    def __str__(self) -> str:
        return f"joined {self.group}"


@dataclass(frozen=True, slots=True)
class LeaveGroup:
    """End a membership."""

    role: str
    group: str

    def __str__(self) -> str:
        return f"left {self.group}"


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Give a role a password, and note on it which one that is."""

    role: str
    password: str = field(repr=False)
    note: str

    def __str__(self) -> str:
        return "took the password of its secret"


@dataclass(frozen=True, slots=True)
class Grant:
    """Give a role rights on objects."""

    role: str
    rights: Rights
    kind: ObjectKind
    names: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return f"{', '.join(self.rights)} on {_in_words(self.kind, self.names)}"


@dataclass(frozen=True, slots=True)
class Revoke:
    """Take rights on an object from a role, or from `PUBLIC`."""

    role: str
    rights: Rights
    kind: ObjectKind
    name: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.rights)} on {_in_words(self.kind, (self.name,))} taken away"


@dataclass(frozen=True, slots=True)
class GrantByDefault:
    """Give a role rights on what the master user makes later."""

    role: str
    rights: Rights
    kind: ObjectKind

    def __str__(self) -> str:
        return f"{', '.join(self.rights)} on every later {self.kind.lower()}"


type Change = (
    MakeExtension
    | MakeNumberTable
    | SetForDatabase
    | MakeRole
    | LimitRole
    | SetForRole
    | JoinGroup
    | LeaveGroup
    | SetPassword
    | Grant
    | Revoke
    | GrantByDefault
)


def _in_words(kind: ObjectKind, names: tuple[tuple[str, ...], ...]) -> str:
    shown = ", ".join(".".join(name) for name in names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{kind.lower()} {shown}{more}"
