"""The sessions: SQLAlchemy's, each of whose statements goes where it belongs."""

from collections.abc import Callable
from functools import partial, wraps
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction, SessionTransactionOrigin

from langpont_db.attempts import COMMITTED, note_part
from langpont_db.dialect import IS_ROUTED_KEY, driver_of
from langpont_db.errors import TransientError
from langpont_db.failures import READ_ONLY_TRANSACTION, is_safe_to_repeat, sqlstate_of
from langpont_db.nodes import Node
from langpont_db.readers import Reader
from langpont_db.requests import Request  # noqa: TC001 (annotates what is made)
from langpont_db.statements import only_reads


class _CommittingSession(Session):
    """Commits when its `with` is left cleanly."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.commit()
        finally:
            super().__exit__(kind, error, traceback)


class WriteSession(_CommittingSession):
    """A session on the primary; leaving its `with` cleanly commits."""


def _once_more_elsewhere(run: Any) -> Any:
    """Return a method of SQLAlchemy's session that repeats a statement where that helps; every statement goes by it."""

    @wraps(run)
    def run_once_or_twice(self: "ReadSession", statement: Any, params: Any = None, **options: Any) -> Any:
        if self._is_underway and self._reader.knowledge is not self._knowledge:
            self._look_for_own_write()
        try:
            result = run(self, statement, params, **options)
        except (TransientError, DBAPIError) as error:
            result = self._run_elsewhere(partial(run, self, statement, params, **options), error)
        if not self._is_underway:
            self._is_underway = self.in_transaction()
        return result

    return run_once_or_twice


class ReadSession(Session):
    """A session whose transactions only read, each on one server.

    The server is chosen at a transaction's first statement: `routing.decide_where_to_read`. When that statement finds
    its server gone, or is in the way of a replica's replay, it is repeated once elsewhere. When a later one does, or
    one in the block of `begin()`, the transaction has ended, and the error says so.

    After its user has written elsewhere in the request, the transaction ends, and with it what it still streams; the
    next statement begins another, whose server has that. A block of `begin()`, and a transaction whose `connection()`
    was asked for, is left as it is, and sees what it saw.

    Args:
        reader: Chooses the server.
        purpose: Which replicas it may choose; None for the ordinary ones.
        options: SQLAlchemy's.
    """

    def __init__(self, *, reader: Reader, purpose: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._reader = reader
        self._purpose = purpose
        self._excluded: tuple[str, ...] = ()
        self._node: Node | None = None
        self._knowledge: object = None
        self._is_underway = False
        self._is_somebodys = False

    def get_bind(self, mapper: Any = None, *, bind: Any = None, **_: Any) -> Any:  # noqa: ARG002 (SQLAlchemy's)
        """Return the engine of a statement: the one it names, or the transaction's."""
        if bind is not None:
            return bind
        return (self._node or self._choose()).reading

    execute = _once_more_elsewhere(Session.execute)
    scalar = _once_more_elsewhere(Session.scalar)
    scalars = _once_more_elsewhere(Session.scalars)

    def connection(self, *arguments: Any, **options: Any) -> Any:
        """Return the transaction's connection; what it is used for, or set to, is not repeated elsewhere."""
        connection = super().connection(*arguments, **options)
        self._is_underway = self._is_somebodys = True
        return connection

    def _choose(self) -> Node:
        self._knowledge = self._reader.knowledge
        self._node = self._reader.choose(self._purpose, self._excluded)
        return self._node

    def _run_elsewhere(self, run: Callable[[], Any], error: Exception) -> Any:
        failed = self._node
        if failed is None or not self._leave(failed, error):
            raise error
        self._reader.tell_of_repetition(failed, error)
        try:
            return run()
        finally:
            self._excluded = ()

    def _look_for_own_write(self) -> None:
        """Leave a replica that was chosen before its user wrote."""
        self._knowledge = self._reader.knowledge
        transaction = self.get_transaction()
        if transaction is None or self._is_somebodys or self._is_in_a_block(transaction):
            return
        if self._node is not None and not self._node.is_primary:
            transaction.close()

    def _leave(self, failed: Node, error: Exception) -> bool:
        """Leave the server that failed a statement, and tell whether that can be done: only before the first answer."""
        transaction = self.get_transaction()
        if self._is_underway or transaction is None or self._is_in_a_block(transaction):
            return False
        # A replica that must go on replaying ends what is in its way, as a serialization failure.
        if not (isinstance(error, TransientError) or (not failed.is_primary and is_safe_to_repeat(error))):
            return False
        # To roll back would take objects that wait to be written out of the session.
        transaction.close()
        self._excluded = (failed.name,)
        return True

    def _is_in_a_block(self, transaction: SessionTransaction) -> bool:
        """Tell whether a transaction is somebody's to end: of `begin()`, `begin_nested()` or a flush that failed."""
        is_begun = transaction.origin is not SessionTransactionOrigin.AUTOBEGIN
        return is_begun or self.in_nested_transaction() or not self.is_active

    def _forget_server(self) -> None:
        self._node, self._is_underway, self._is_somebodys = None, False, False


class RoutingSession(_CommittingSession, ReadSession):
    """A session that sends each statement where it belongs; leaving its `with` cleanly commits.

    1. a statement that names an engine goes there
    2. once the transaction has written, all goes to the primary; objects that are new, changed or deleted are written
       before the next query of the ORM (SQLAlchemy's autoflush)
    3. what is not known to only read goes to the primary: flushes, INSERT, UPDATE, DELETE, SELECT … FOR UPDATE, DDL, a
       call of a function with effects, a bare connection, and what is in a savepoint
    4. after this session has written, everything goes to the primary, unless it was in this very request, which
       remembers how far
    5. a read goes where `routing.decide_where_to_read` says, and further reads of the transaction to the same server
    6. what a replica refuses because it writes or locks after all is repeated on the primary, as is the rest
    """

    _is_writing = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._wrote_in: set[Request | None] = set()

    def get_bind(self, mapper: Any = None, *, clause: Any = None, bind: Any = None, **_: Any) -> Any:  # noqa: ARG002
        """Return the engine of a statement, by the ladder above."""
        if bind is not None:
            return bind
        is_write = self._is_writing or not only_reads(clause) or self.in_nested_transaction()
        if is_write or (self._wrote_in and not self._is_remembered()):
            self._is_writing = True
            return self._reader.primary.engine
        # The engine that writes, so that a later write is in the same transaction.
        return (self._node or self._choose()).engine

    def _leave(self, failed: Node, error: Exception) -> bool:
        if self._is_writing:
            return False
        if sqlstate_of(error) == READ_ONLY_TRANSACTION:
            self._is_writing = True
            return True
        return super()._leave(failed, error)

    def _is_remembered(self) -> bool:
        request = self._reader.request
        return request is not None and self._wrote_in == {request}

    def _look_for_own_write(self) -> None:
        if not self._is_writing:
            super()._look_for_own_write()

    def _forget_server(self) -> None:
        super()._forget_server()
        if self._is_writing:
            self._wrote_in.add(self._reader.request)
        self._is_writing = False


@event.listens_for(WriteSession, "after_begin", propagate=True)
def _take_note_of_autocommit(_: WriteSession, __: SessionTransaction, connection: Connection) -> None:
    if driver_of(connection.dialect, connection.connection).autocommit:
        note_part(COMMITTED)


@event.listens_for(ReadSession, "after_begin", propagate=True)
def _say_whose_transaction_it_is(session: ReadSession, _: SessionTransaction, connection: Connection) -> None:
    # For the dialect; an option of the engine would be merged into those of every statement.
    connection.info[IS_ROUTED_KEY] = isinstance(session, RoutingSession)


@event.listens_for(ReadSession, "after_transaction_end", propagate=True)
def _forget_server(session: ReadSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session._forget_server()
