"""Runs queries on PostgreSQL, over the verified connections of rds_postgres."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from rds_operations.domain.databases import DatabaseEndpoint, LoginSource
from rds_operations.domain.errors import RefusedError, RetryableError
from rds_operations.domain.query_errors import ConnectionLostError, QueryFailedError
from rds_postgres import errors
from rds_postgres.connections import Connection, ConnectionSettings, connect
from rds_postgres.queries import run_read_only

CONNECT_TIMEOUT_SECONDS = 5
# Reading waits for no lock but one that a table's own change takes; a metric is not worth waiting for that.
LOCK_TIMEOUT = timedelta(seconds=1)


class PostgresQueryRunner:
    """A `QueryRunner` on one connection, which it opens anew, once, for each query that loses it.

    Args:
        connect: Opens an autocommitting connection; called at once.
        place: Host and port, for messages.
    """

    def __init__(self, connect: Callable[[], Connection], place: str) -> None:
        self._connect = connect
        self._connection = connect()
        self._place = place

    def rows(self, sql: str, timeout: timedelta) -> Sequence[Mapping[str, object]]:
        """Return the rows of one query, run in a read-only transaction of its own.

        Raises:
            QueryFailedError: the server refused the query, or its timeout passed; the next query can be asked.
            ConnectionLostError: the connection was lost, and there is a new one; the next query can be asked.
            RetryableError: the connection was lost, and the server cannot be reached.
            RefusedError: the connection was lost, and the server takes the login no more.
        """
        try:
            return run_read_only(self._connection, sql, timeout=timeout, lock_timeout=LOCK_TIMEOUT)
        except errors.QueryFailedError as error:
            raise QueryFailedError(str(error)) from error
        except errors.UnreachableError as error:
            self.close()
            self._connection = self._connect()
            raise ConnectionLostError(f"{self._place}: {error}") from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class PostgresDatabase:
    """A database that can be asked.

    Args:
        endpoint: Where it answers.
        name: The database's name.
        ca_bundle: File with the authorities to trust; empty = those of Amazon RDS.
        login: As whom to log in.
        application_name: What pg_stat_activity shows.
        connect_timeout_seconds: Wait for a connection.
    """

    def __init__(
        self,
        endpoint: DatabaseEndpoint,
        *,
        name: str,
        ca_bundle: str,
        login: LoginSource,
        application_name: str,
        connect_timeout_seconds: int = CONNECT_TIMEOUT_SECONDS,
    ) -> None:
        self._endpoint = endpoint
        self._name = name
        self._ca_bundle = Path(ca_bundle) if ca_bundle else None
        self._login = login
        self._application_name = application_name
        self._connect_timeout_seconds = connect_timeout_seconds

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Open a read-only connection for the block, and close it; errors as `query_runner`."""
        with closing(self._connect()) as connection:
            yield connection

    @contextmanager
    def query_runner(self) -> Iterator[PostgresQueryRunner]:
        """Open a connection for the block, log in with a new token or the current password, and close it.

        Raises:
            RetryableError: nobody answered in time, or the server takes no connections now.
            RefusedError: the login is refused, or the server's certificate is.
        """
        with closing(PostgresQueryRunner(self._connect, str(self._endpoint))) as query_runner:
            yield query_runner

    def _connect(self) -> Connection:
        login = self._login()
        settings = ConnectionSettings(
            host=self._endpoint.host,
            port=self._endpoint.port,
            database=self._name,
            user=login.user,
            ca_bundle=self._ca_bundle,
            host_address=self._endpoint.host_address or None,
            connect_timeout_seconds=self._connect_timeout_seconds,
            application_name=self._application_name,
            read_only=True,
            autocommit=True,
        )
        with translating_database_errors():
            return connect(settings, login.password)


@contextmanager
def translating_database_errors() -> Iterator[None]:
    """Raise the kit's own error for every error of rds_postgres in the block.

    Raises:
        RetryableError: the connection was lost, or there was no answer in time.
        RefusedError: the server refused what was asked.
    """
    try:
        yield
    except errors.UnreachableError as error:
        raise RetryableError(str(error)) from error
    except errors.PostgresError as error:
        raise RefusedError(str(error)) from error
