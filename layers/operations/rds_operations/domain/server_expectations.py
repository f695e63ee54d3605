"""What the server should show: the parameter group, and what only a server can show, each with its meaning.

Values are in the units of pg_settings, which are those of RDS's parameter groups; a test compares the template's.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rds_operations.domain.database_roles import APP_ROLE, METRICS_ROLE, READONLY_ROLE
from rds_operations.domain.server_facts import (
    About,
    AtLeast,
    Comparison,
    Exactly,
    Expectation,
    Including,
    OneOf,
    SwitchedOn,
)
from rds_operations.domain.setup_plan import DATABASE_SETTINGS, EXTENSIONS

DESIGN_CLASS = "db.t3.medium"
PRESENT = "present"
EXTENSION_PREFIX, ROLE_PREFIX = "extension ", "role "
SESSION_TLS, IN_RECOVERY, MAJOR_VERSION = "TLS of this session", "in_recovery", "major version"

_SHARED_BUFFERS = "shared_buffers"
# 25 % of the memory of db.t3.medium, in 8 kB; the other values of the design's memory follow from it.
_DESIGN_SHARED_BUFFERS = 131_072
# PostgreSQL's own default, in 8 kB: less than that no class has, and a group without effect has exactly that.
_DEFAULT_SHARED_BUFFERS = 16_384
# The bounds that stacks/database.yaml sets, in kB.
_LEAST_WORK_MEM, _MOST_MAINTENANCE_WORK_MEM = 4_096, 2_097_152
# RDS takes no other prefix (aws: "Parameters for logging"); the csvlog has every field of the design's.
_LINE_PREFIXES = ("%t:%r:%u@%d:[%p]:", "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a")


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """What differs between deployments.

    Args:
        instance_class: The primary's class.
        max_connections: How many connections the server should take.
        log_destination: Where its log should go.
    """

    instance_class: str
    max_connections: int
    log_destination: str


def expectations(plan: ServerPlan, shared_buffers: str | None) -> tuple[Expectation, ...]:
    """Return what the server should show.

    Args:
        plan: What the deployment asked for.
        shared_buffers: What the server shows of it, in 8 kB: the measure of the memory settings in a class whose memory
            nobody here knows.
    """
    return (
        *_memory(plan, shared_buffers),
        *_connections(plan),
        *_log(plan),
        *_TUNING,
        *_DURABILITY,
        *_SAFETY,
        *_SET_UP,
    )


def _memory(plan: ServerPlan, shared_buffers: str | None) -> Iterator[Expectation]:
    """Yield the design's values for its class; for another, that all four follow from one memory, whatever it is.

    How much memory RDS leaves to the server of a class is in no parameter and no document, so that a number would be a
    guess. What goes wrong is a group that has no effect, one value of it, or RDS taking shared_buffers back
    (RDS-EVENT-0404), and each of these breaks the proportions.
    """
    is_design = plan.instance_class == DESIGN_CLASS
    shown = int(shared_buffers) if shared_buffers and shared_buffers.isdigit() else _DEFAULT_SHARED_BUFFERS
    base = _DESIGN_SHARED_BUFFERS if is_design else shown

    def sized(value: float) -> Comparison:
        return Exactly(f"{value:.0f}") if is_design else About(value)

    own = sized(base) if is_design else AtLeast(_DEFAULT_SHARED_BUFFERS + 1)
    work_mem, maintenance = max(base / 8, _LEAST_WORK_MEM), min(base * 2, _MOST_MAINTENANCE_WORK_MEM)
    yield Expectation(_SHARED_BUFFERS, own, "The cache is not a quarter of the class's memory.")
    yield Expectation("effective_cache_size", sized(base * 3), "The planner reckons with another cache than there is.")
    yield Expectation("work_mem", sized(work_mem), "Sorts go to disk too early, or take more memory than there is.")
    yield Expectation("maintenance_work_mem", sized(maintenance), "Vacuum takes longer, or more memory than there is.")


def _connections(plan: ServerPlan) -> Iterator[Expectation]:
    yield Expectation(
        "max_connections",
        Exactly(str(plan.max_connections)),
        "The alarm on connections, the roles' limits and the pools reckon with another number.",
    )
    yield Expectation(
        "superuser_reserved_connections", Exactly("3"), "RDS itself may not get in when all connections are taken."
    )
    yield Expectation(
        "idle_in_transaction_session_timeout",
        Exactly("300000"),
        "A session that forgot its transaction holds its connection, its locks and vacuum for longer than 5 minutes.",
    )


def _log(plan: ServerPlan) -> Iterator[Expectation]:
    # RDS writes the plain form beside the one asked for, and may say so.
    yield Expectation("log_destination", Including(plan.log_destination), "The log is in another form than asked for.")
    yield Expectation("log_line_prefix", OneOf(_LINE_PREFIXES), "Lines of the log lack who, where or when.")
    yield Expectation("log_min_duration_statement", Exactly("1000"), "Slow statements are not, or too often, logged.")
    yield Expectation("log_statement", Exactly("ddl"), "Nobody can see who changed the schema.")
    yield Expectation("log_min_messages", Exactly("warning"), "The log says too little, or too much.")
    for what in ("checkpoints", "connections", "disconnections", "lock_waits"):
        yield Expectation(f"log_{what}", SwitchedOn(), f"The log has no {what.replace('_', ' ')}.")


_TUNING = (
    Expectation("checkpoint_timeout", Exactly("600"), "Checkpoints come more often, or recovery takes longer."),
    Expectation("checkpoint_completion_target", Exactly("0.9"), "Checkpoints write in bursts."),
    Expectation("wal_buffers", Exactly("2048"), "Commits wait for the log's buffers."),
    Expectation(
        "random_page_cost", Exactly("1.1"), "The planner avoids indexes as if the storage were a turning disk."
    ),
    Expectation("effective_io_concurrency", Exactly("200"), "Bitmap scans read one page after another."),
    Expectation("autovacuum", SwitchedOn(), "Tables bloat, and transaction ids run out."),
    Expectation("autovacuum_max_workers", Exactly("3"), "Another number of tables is vacuumed at once."),
    Expectation("autovacuum_vacuum_threshold", Exactly("50"), "Tables are vacuumed at another time."),
    Expectation("autovacuum_vacuum_scale_factor", Exactly("0.2"), "Tables are vacuumed at another time."),
    Expectation("autovacuum_analyze_threshold", Exactly("50"), "Statistics are made at another time."),
    Expectation("autovacuum_analyze_scale_factor", Exactly("0.1"), "Statistics are made at another time."),
    Expectation(
        "shared_preload_libraries", Including("pg_stat_statements"), "Nobody can see which statements cost time."
    ),
)

_DURABILITY = (
    Expectation(
        "wal_level", OneOf(("replica", "logical")), "Neither replicas nor point-in-time recovery are possible."
    ),
    Expectation("archive_mode", OneOf(("on", "always")), "There is no point-in-time recovery."),
    Expectation("max_wal_senders", AtLeast(10), "There may be no place for a replica."),
    Expectation(IN_RECOVERY, Exactly("off"), "The endpoint leads to a server that takes no writes."),
    Expectation(MAJOR_VERSION, Exactly("16"), "The parameter group is of another major version."),
)

_SAFETY = (
    Expectation("ssl", SwitchedOn(), "Passwords and data travel in plain text."),
    Expectation(SESSION_TLS, OneOf(("TLSv1.2", "TLSv1.3")), "This very session is not encrypted as it should be."),
    Expectation("ssl_min_protocol_version", OneOf(("TLSv1.2", "TLSv1.3")), "Clients may use TLS that is broken."),
    Expectation("ssl_prefer_server_ciphers", SwitchedOn(), "The client chooses the cipher."),
    Expectation("rds.force_ssl", SwitchedOn(), "Connections in plain text are taken.", only_on_rds=True),
    Expectation("password_encryption", Exactly("scram-sha-256"), "New passwords are stored as MD5."),
    Expectation("rds.accepted_password_auth_method", Exactly("scram"), "Roles may log in by MD5.", only_on_rds=True),
)

_SET_UP = (
    Expectation("server_encoding", Exactly("UTF8"), "Japanese text cannot be stored."),
    *(
        Expectation(name, Exactly(value), "The set-up did not run: text search uses another language.")
        for name, value in DATABASE_SETTINGS
    ),
    *(Expectation(f"{EXTENSION_PREFIX}{name}", Exactly(PRESENT), "The set-up did not run.") for name in EXTENSIONS),
    *(
        Expectation(f"{ROLE_PREFIX}{name}", Exactly(PRESENT), "The set-up did not run.")
        for name in (APP_ROLE, READONLY_ROLE, METRICS_ROLE)
    ),
)
