"""A database in memory that takes the set-up's changes, or refuses or forgets some."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import singledispatch

from rds_operations.domain import setup_changes as change
from rds_operations.domain.database_objects import DatabaseObject, DatabaseRole, DatabaseState, ObjectKind
from rds_operations.domain.errors import OperationsError, RefusedError
from rds_operations.domain.probes import ReplicaProgress
from rds_operations.domain.setup_changes import Change


class FakeDatabase:
    """A `DatabaseAdministration`.

    Args:
        state: The database as it is at first.
        refused: What is refused, by kind of change.
        forgotten: Kinds of changes that are taken without effect.
    """

    def __init__(
        self,
        state: DatabaseState,
        *,
        refused: dict[type, OperationsError] | None = None,
        forgotten: tuple[type, ...] = (),
    ) -> None:
        self.now = state
        self.applied: list[Change] = []
        self._refused = refused or {}
        self._forgotten = forgotten

    def state(self) -> DatabaseState:
        return self.now

    def apply(self, changes: Sequence[Change]) -> None:
        after = self.now
        for each in changes:
            if type(each) in self._refused:
                raise self._refused[type(each)]
            if not isinstance(each, self._forgotten):
                after = changed(each, after)
        self.now = after
        self.applied.extend(changes)


class FakeServer:
    """A `ProbedServer`, and the `DatabaseProbe` that reaches it.

    Args:
        in_recovery: Whether it follows another.
        unreachable: Why it cannot be reached.
        unwritable: Why it takes no writes.
        unasked: Why it does not say who follows it, or which rows it has.
        followers: Who follows it.
        rows_before_trouble: The last of a drill's rows that it takes where it takes no writes.
    """

    server_version = "16.14"

    def __init__(
        self,
        *,
        in_recovery: bool = False,
        unreachable: OperationsError | None = None,
        unwritable: OperationsError | None = None,
        unasked: OperationsError | None = None,
        followers: Sequence[ReplicaProgress] = (),
        rows_before_trouble: int = 0,
    ) -> None:
        self.in_recovery = in_recovery
        self.writes = 0
        self.rows: list[tuple[int, int]] = []
        self._rows_before_trouble = rows_before_trouble
        self._unreachable = unreachable
        self._unwritable = unwritable
        self._unasked = unasked
        self._followers = followers

    def reach(self) -> AbstractContextManager["FakeServer"]:
        if self._unreachable:
            raise self._unreachable
        return nullcontext(self)

    def write(self) -> None:
        if self._unwritable:
            raise self._unwritable
        self.writes += 1

    def write_row(self, run: int, sequence: int) -> None:
        if self._unwritable and sequence > self._rows_before_trouble:
            raise self._unwritable
        self.rows.append((run, sequence))

    def row_numbers(self, run: int) -> Sequence[int]:
        if self._unasked:
            raise self._unasked
        return [sequence for owner, sequence in self.rows if owner == run]

    def forget_rows(self, run: int) -> None:
        self.rows = [row for row in self.rows if row[0] != run]

    def replicas(self) -> Sequence[ReplicaProgress]:
        if self._unasked:
            raise self._unasked
        return self._followers


@singledispatch
def changed(each: Change, state: DatabaseState) -> DatabaseState:
    """Return the database after a change."""
    raise NotImplementedError(each)


@changed.register
def _(each: change.MakeExtension, state: DatabaseState) -> DatabaseState:
    return replace(state, extensions=state.extensions | {each.name})


@changed.register
def _(each: change.MakeNumberTable, state: DatabaseState) -> DatabaseState:
    rights = state.default_rights.get(ObjectKind.TABLE, {})
    return replace(state, objects=(*state.objects, DatabaseObject(ObjectKind.TABLE, each.name, rights=dict(rights))))


@changed.register
def _(each: change.SetForDatabase, state: DatabaseState) -> DatabaseState:
    return replace(state, settings={**state.settings, each.parameter: each.value})


@changed.register
def _(each: change.MakeRole, state: DatabaseState) -> DatabaseState:
    if each.role in state.roles:
        raise RefusedError(f'role "{each.role}" already exists')
    return replace(state, roles={**state.roles, each.role: DatabaseRole()})


def _role(state: DatabaseState, name: str, **fields: object) -> DatabaseState:
    if name not in state.roles:
        raise RefusedError(f'role "{name}" does not exist')
    return replace(state, roles={**state.roles, name: replace(state.roles[name], **fields)})  # type: ignore[arg-type]


@changed.register
def _(each: change.LimitRole, state: DatabaseState) -> DatabaseState:
    limits = {"can_log_in": True, "makes_roles": False, "makes_databases": False}
    return _role(state, each.role, **limits, connection_limit=each.connection_limit)


@changed.register
def _(each: change.SetForRole, state: DatabaseState) -> DatabaseState:
    found = state.roles.get(each.role, DatabaseRole())
    return _role(state, each.role, settings={**found.settings, each.parameter: each.value})


@changed.register
def _(each: change.JoinGroup, state: DatabaseState) -> DatabaseState:
    return _role(state, each.role, groups=state.roles[each.role].groups | {each.group})


@changed.register
def _(each: change.LeaveGroup, state: DatabaseState) -> DatabaseState:
    return _role(state, each.role, groups=state.roles[each.role].groups - {each.group})


@changed.register
def _(each: change.SetPassword, state: DatabaseState) -> DatabaseState:
    return _role(state, each.role, comment=each.note)


def _with_rights(
    state: DatabaseState,
    kind: ObjectKind,
    names: Sequence[tuple[str, ...]],
    role: str,
    rights: set[str],
    *,
    given: bool,
) -> DatabaseState:
    def after(each: DatabaseObject) -> DatabaseObject:
        if each.kind is not kind or each.name not in names:
            return each
        had = each.rights.get(role, frozenset())
        return replace(each, rights={**each.rights, role: had | rights if given else had - rights})

    return replace(state, objects=tuple(map(after, state.objects)))


@changed.register
def _(each: change.Grant, state: DatabaseState) -> DatabaseState:
    return _with_rights(state, each.kind, each.names, each.role, set(each.rights), given=True)


@changed.register
def _(each: change.Revoke, state: DatabaseState) -> DatabaseState:
    return _with_rights(state, each.kind, [each.name], each.role, set(each.rights), given=False)


@changed.register
def _(each: change.GrantByDefault, state: DatabaseState) -> DatabaseState:
    of_kind = dict(state.default_rights.get(each.kind, {}))
    of_kind[each.role] = of_kind.get(each.role, frozenset()) | set(each.rights)
    return replace(state, default_rights={**state.default_rights, each.kind: of_kind})
