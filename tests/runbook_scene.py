"""What the runbooks' statements meet: the master user, and sessions and tables in the state that a runbook is about."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import LiteralString

from psycopg import sql

from local.postgres.access import Connection
from local.postgres.cluster import Cluster
from local.postgres.credentials import MASTER_USER, read_password
from local.postgres.seed import DATABASE
from local.postgres.topology import Role
from local.waiting import wait_until
from rds_operations.domain.database_roles import wanted_roles
from rds_operations.domain.databases import Authentication
from tests.database_setup import Place, set_up
from tests.runbooks import SqlBlock

# What a user had translated: it stands in statements, and must not stand in any answer to a runbook's question.
WORDS = "お菓子の秘密"
TABLE = "runbook.articles"
ROLE = "runbook_role"
ROLE_PASSWORD = "runbook"

_DEADLINE_SECONDS = 20.0
_SLEEP = f"SELECT pg_sleep({{}}) WHERE '{WORDS}' <> ''"

type Row = dict[str, object]
type Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Scene:
    """The embedded cluster as the master user sees it, who is no superuser, as on RDS."""

    cluster: Cluster

    def connect(self, *, replica: bool = False, application: str = "runbook") -> Connection:
        """Return a session of the master user, on the primary unless the replica is asked for."""
        endpoint = self.cluster.replica if replica else self.cluster.writer
        password = read_password(self.cluster.folders, MASTER_USER)
        connection = endpoint.connect(DATABASE, MASTER_USER, password)
        connection.execute(sql.SQL("SET application_name = {}").format(application))
        return connection

    def superuser(self, *, replica: bool = False) -> Connection:
        """Return a session that may do what on RDS only AWS may."""
        return self.cluster.members.node(Role.REPLICA if replica else Role.PRIMARY).connect(DATABASE)

    def run(self, block: SqlBlock, **values: object) -> tuple[str | None, list[Row]]:
        """Paste a statement as a person would, and return what it says it did and its rows."""
        with self.connect(replica=block.is_for_the_replica, application="person") as connection:
            cursor = connection.execute(block.filled(values))
            names = [column.name for column in cursor.description or []]
            return cursor.statusmessage, [dict(zip(names, row, strict=True)) for row in cursor] if names else []

    @contextmanager
    def prepared(self, block: SqlBlock) -> Iterator[Values]:
        """Make what a statement's placeholders stand for, and yield it by their names."""
        needed = set(block.placeholders)
        values: dict[str, object] = {"query_id": 42, "index": f"{TABLE}_title", "column": "title"}
        with ExitStack() as stack:
            if "pid" in needed:
                values["pid"] = stack.enter_context(self.sleeping(replica=block.is_for_the_replica))
            if needed & {"table", "index", "column"}:
                values["table"] = stack.enter_context(self.table())
            if "role" in needed:
                values["role"] = stack.enter_context(self.role())
            if "slot" in needed:
                values["slot"] = stack.enter_context(self.slot())
            yield values

    @contextmanager
    def idle_in_transaction(self, statement: LiteralString = "SELECT 1", *, application: str = "leak") -> Iterator[int]:
        """Yield the pid of a session that ran a statement and left its transaction open."""
        with closing(self.connect(application=application)) as connection:
            connection.autocommit = False
            connection.execute(statement)
            yield connection.info.backend_pid

    @contextmanager
    def sleeping(self, *, replica: bool = False) -> Iterator[int]:
        """Yield the pid of a session in the middle of a statement that the server knows: it has finished before."""
        with self.connect(replica=replica) as connection:
            connection.execute(_SLEEP.format(0).encode())
        with self.busy(_SLEEP.format(600), replica=replica) as pid:
            yield pid

    @contextmanager
    def busy(self, statement: str, *, replica: bool = False) -> Iterator[int]:
        """Yield the pid of a session that is in the middle of a statement."""
        connection = self.connect(replica=replica, application="busy")
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET vacuum_cost_delay = '100ms'")
        connection.execute("SET vacuum_cost_limit = 1")
        pid = connection.info.backend_pid
        connection.pgconn.send_query(statement.encode())
        try:
            at_work = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active' AND backend_xmin IS NOT NULL"
            self.wait_for(at_work, pid, replica=replica)
            yield pid
        finally:
            connection.close()
            with self.superuser(replica=replica) as superuser:
                superuser.execute("SELECT pg_terminate_backend(%s)", [pid])

    @contextmanager
    def waiting(self, statement: str) -> Iterator[int]:
        """Yield the pid of a session whose statement waits for a lock."""
        with self.busy(statement) as pid:
            self.wait_for("SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'", pid)
            yield pid

    @contextmanager
    def vacuuming(self, table: str) -> Iterator[int]:
        """Yield the pid of a session whose vacuum of a table takes minutes."""
        with self.busy(f"VACUUM (FREEZE, BUFFER_USAGE_LIMIT 0) {table}") as pid:
            self.wait_for("SELECT 1 FROM pg_stat_progress_vacuum WHERE pid = %s", pid)
            yield pid

    @contextmanager
    def log_in(self, role: str) -> Iterator[Connection]:
        """Yield a session of another role."""
        with closing(self.cluster.writer.connect(DATABASE, role, ROLE_PASSWORD)) as connection:
            yield connection

    @contextmanager
    def table(self, rows: int = 100) -> Iterator[str]:
        """Yield the name of a table of the master user's own, with an index on its column `title`."""
        with self.connect() as connection:
            connection.execute("CREATE SCHEMA runbook")
            try:
                connection.execute("CREATE TABLE runbook.articles (id int, title text, body text)")
                connection.execute("ALTER TABLE runbook.articles ALTER body SET STORAGE PLAIN")
                self.add_rows(rows)
                connection.execute("CREATE INDEX articles_title ON runbook.articles (title)")
                yield TABLE
            finally:
                connection.execute("DROP SCHEMA runbook CASCADE")

    def set_up(self) -> None:
        """Make the roles that a deployment makes, with the metrics role logging in by IAM."""
        writer, password = self.cluster.writer, read_password(self.cluster.folders, MASTER_USER)
        place = Place(writer.host, writer.host_address, writer.port, writer.ca_bundle, DATABASE)
        roles = wanted_roles(max_connections=300, metrics_authentication=Authentication.IAM)
        set_up(place.as_user(MASTER_USER, password), roles=roles).raise_failures()

    def add_rows(self, rows: int) -> None:
        """Add rows of 2 kB to the table."""
        insert = "INSERT INTO runbook.articles SELECT n, n / 2, repeat('x', 2000) FROM generate_series(1, %s) AS n"
        with self.connect() as connection:
            connection.execute(insert, [rows])

    @contextmanager
    def role(self) -> Iterator[str]:
        """Yield the name of a role that the master user has made."""
        with self.connect() as connection:
            connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE_PASSWORD}'")
            connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {ROLE}")
            try:
                yield ROLE
            finally:
                connection.execute(f"REVOKE CONNECT ON DATABASE {DATABASE} FROM {ROLE}")
                connection.execute(f"DROP ROLE {ROLE}")

    @contextmanager
    def slot(self) -> Iterator[str]:
        """Yield the name of a slot that nobody reads; the master user may drop slots, as RDS lets it."""
        name = "runbook_slot"
        with self.superuser() as superuser:
            superuser.execute("SELECT pg_create_physical_replication_slot(%s, true)", [name])
            superuser.execute(f"ALTER ROLE {MASTER_USER} REPLICATION")
            try:
                yield name
            finally:
                superuser.execute(f"ALTER ROLE {MASTER_USER} NOREPLICATION")
                superuser.execute(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", [name]
                )

    @contextmanager
    def paused_replica(self) -> Iterator[None]:
        """Let the replica receive and apply nothing for as long as the `with` lasts."""
        with self.superuser(replica=True) as superuser:
            superuser.execute("SELECT pg_wal_replay_pause()")
            self.wait_for("SELECT 1 WHERE pg_get_wal_replay_pause_state() = 'paused'", replica=True)
            try:
                yield
            finally:
                superuser.execute("SELECT pg_wal_replay_resume()")

    def freeze_everything_but(self, table: str) -> None:
        """Make every other table young."""
        others = "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'm') AND oid <> %s::regclass"
        with self.superuser() as superuser:
            for (name,) in superuser.execute(others, [table]).fetchall():
                superuser.execute(f"VACUUM (FREEZE) {name}".encode())

    def use_transaction_ids(self, number: int) -> None:
        """Make everything that exists older by a number of transactions."""
        with self.connect() as connection:
            for _ in range(number):
                connection.execute("SELECT pg_current_xact_id()")

    def wait_for(self, query: LiteralString, *values: object, replica: bool = False) -> None:
        """Wait until a query of the superuser has a row."""
        with self.superuser(replica=replica) as superuser:
            wait_until(
                f"a row of {query} {values}",
                lambda: superuser.execute(query, values).fetchone() is not None,
                deadline_seconds=_DEADLINE_SECONDS,
            )


@contextmanager
def closing(connection: Connection) -> Iterator[Connection]:
    """Close a connection without committing, also one that was ended from outside."""
    try:
        yield connection
    finally:
        connection.close()
