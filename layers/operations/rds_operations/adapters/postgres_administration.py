"""Changes a database as its master user, over the verified connections of rds_postgres."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import singledispatch

from rds_operations.adapters.postgres import PostgresDatabase, translating_database_errors
from rds_operations.adapters.postgres_catalog import Row, read_state
from rds_operations.domain import setup_changes as change
from rds_operations.domain.database_objects import DatabaseState
from rds_operations.domain.errors import RetryableError
from rds_operations.domain.setup_changes import Change
from rds_postgres import rows, statements
from rds_postgres.changes import run_changes, scram_verifier
from rds_postgres.connections import Connection
from rds_postgres.queries import run_read_only
from rds_postgres.statements import Statement

# Of a catalog nothing takes longer; what waits for a lock waits for somebody who alters the same thing.
STATEMENT_TIMEOUT = timedelta(seconds=15)
LOCK_TIMEOUT = timedelta(seconds=5)
# Any number will do, as long as nobody else takes it for a lock of his own.
_TURN = 7_261_903_544_120_386_717
_TAKE_TURN = f"SELECT pg_try_advisory_lock({_TURN}) AS is_mine"


class PostgresAdministration:
    """A `DatabaseAdministration` on one connection of the master user.

    Args:
        connection: An autocommitting connection.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def state(self) -> DatabaseState:
        """Return the database as it is.

        Raises:
            RefusedError: the server refused to say.
            RetryableError: the connection was lost.
        """
        with translating_database_errors():
            return read_state(self._ask)

    def apply(self, changes: Sequence[Change]) -> None:
        """Make all of the changes or, where one is refused, none.

        Raises:
            RefusedError: the server refused a change; the next can be tried.
            RetryableError: the connection was lost.
        """
        with translating_database_errors():
            wanted = [statement for each in changes for statement in self._statements(each)]
            run_changes(self._connection, wanted, timeout=STATEMENT_TIMEOUT, lock_timeout=LOCK_TIMEOUT)

    def require_turn(self) -> None:
        """Make sure that nobody else sets the database up until the connection ends.

        Raises:
            RetryableError: somebody does.
            RefusedError: the server refused to say.
        """
        with translating_database_errors():
            (row,) = self._ask(_TAKE_TURN)
        if not row["is_mine"]:
            raise RetryableError("another set-up of this database is under way; try again when it has ended")

    def _ask(self, query: str) -> Sequence[Row]:
        return run_read_only(self._connection, query, timeout=STATEMENT_TIMEOUT, lock_timeout=LOCK_TIMEOUT)

    def _statements(self, each: Change) -> tuple[Statement, ...]:
        if isinstance(each, change.SetPassword):
            verifier = scram_verifier(self._connection, each.role, each.password)
            return statements.set_verifier(each.role, verifier), statements.comment_on_role(each.role, each.note)
        return (composed(each),)


@contextmanager
def administration(database: PostgresDatabase) -> Iterator[PostgresAdministration]:
    """Open a connection for the block and keep other set-ups out meanwhile.

    Args:
        database: The database, logged in to as the master user.

    Raises:
        RetryableError: nobody answered in time, or another set-up is under way.
        RefusedError: the login is refused, or the server's certificate is.
    """
    with database.connection() as connection:
        connection.read_only = False
        server = PostgresAdministration(connection)
        server.require_turn()
        yield server


@singledispatch
def composed(each: Change) -> Statement:
    """Return the statement that makes a change which needs no connection to be composed.

    Raises:
        NotImplementedError: nobody said how.
    """
    raise NotImplementedError(f"there is no statement for {each!r}")


@composed.register
def _(each: change.MakeExtension) -> Statement:
    return statements.create_extension(each.name, each.schema)


@composed.register
def _(each: change.MakeNumberTable) -> Statement:
    return rows.create_table(each.name, each.columns)


@composed.register
def _(each: change.SetForDatabase) -> Statement:
    return statements.set_for_database(each.database, each.parameter, each.value)


@composed.register
def _(each: change.MakeRole) -> Statement:
    return statements.create_role(each.role)


@composed.register
def _(each: change.LimitRole) -> Statement:
    return statements.alter_role(each.role, connection_limit=each.connection_limit)


@composed.register
def _(each: change.SetForRole) -> Statement:
    return statements.set_for_role(each.role, each.parameter, each.value)


@composed.register
def _(each: change.JoinGroup) -> Statement:
    return statements.join_group(each.role, each.group)


@composed.register
def _(each: change.LeaveGroup) -> Statement:
    return statements.leave_group(each.role, each.group)


@composed.register
def _(each: change.Grant) -> Statement:
    return statements.grant(each.rights, each.kind, each.names, each.role)


@composed.register
def _(each: change.Revoke) -> Statement:
    return statements.revoke(each.rights, each.kind, [each.name], each.role)


@composed.register
def _(each: change.GrantByDefault) -> Statement:
    return statements.grant_by_default(each.rights, each.kind, each.role)
