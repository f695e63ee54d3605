"""The embedded servers run with the design's parameter group (shared/system.md, S10), in PostgreSQL's own units."""

from pathlib import Path

from local.postgres.configuration import (
    CLIENT_AUTHENTICATION,
    DESIGN,
    LOCAL,
    ServerSettings,
    quoted,
    server_configuration,
    synchronous_with,
)
from tests.whole_tables import for_each

S10 = {
    "shared_buffers": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "3GB",
    "max_connections": "300",
    "superuser_reserved_connections": "3",
    "checkpoint_timeout": "10min",
    "checkpoint_completion_target": "0.9",
    "wal_buffers": "16MB",
    "log_destination": "csvlog",
    "log_min_duration_statement": "1s",
    "log_checkpoints": "on",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_lock_waits": "on",
    "autovacuum": "on",
    "autovacuum_max_workers": "3",
    "autovacuum_vacuum_threshold": "50",
    "autovacuum_vacuum_scale_factor": "0.2",
    "autovacuum_analyze_threshold": "50",
    "autovacuum_analyze_scale_factor": "0.1",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "rds.force_ssl": "1",
    "ssl_min_protocol_version": "TLSv1.2",
    "password_encryption": "scram-sha-256",
    "log_statement": "ddl",
    "log_min_messages": "warning",
    "shared_preload_libraries": "pg_stat_statements",
    "ssl": "on",
    "ssl_prefer_server_ciphers": "on",
    "wal_level": "replica",
    "archive_mode": "on",
    "max_wal_senders": "10",
}
SETTINGS = ServerSettings("node_1", 20_001, Path("/c/a.pem"), Path("/c/a.key"), Path("/l"), follows="host='a b'")


@for_each("parameter", S10)
def test_the_design_says_the_value_of(parameter: str) -> None:
    assert DESIGN[parameter] == S10[parameter]


def test_idle_transactions_are_bounded_by_minutes() -> None:
    assert DESIGN["idle_in_transaction_session_timeout"].endswith("min")


def test_local_needs_change_nothing_of_the_design() -> None:
    assert not DESIGN.keys() & LOCAL.keys()
    assert not DESIGN.keys() & SETTINGS.parameters().keys()


def test_servers_are_reached_by_loopback_and_tls_alone() -> None:
    assert LOCAL["listen_addresses"] == "127.0.0.1"
    assert LOCAL["unix_socket_directories"] == ""
    assert all(line.startswith("hostssl ") for line in CLIENT_AUTHENTICATION.splitlines())
    assert all(line.endswith(" scram-sha-256") for line in CLIENT_AUTHENTICATION.splitlines())


def test_the_configuration_quotes_every_value() -> None:
    text = server_configuration(SETTINGS)

    assert "port = '20001'\n" in text
    assert r"primary_conninfo = 'host=\'a b\''" in text
    assert len(text.splitlines()) == len(DESIGN) + len(LOCAL) + len(SETTINGS.parameters())


def test_a_primary_follows_nobody() -> None:
    text = server_configuration(ServerSettings("node_1", 20_001, Path("/c"), Path("/k"), Path("/l")))

    assert "primary_conninfo = ''" in text


def test_commits_wait_for_the_first_standby_or_for_nobody() -> None:
    assert synchronous_with(["node_2"]) == "FIRST 1 (node_2)"
    assert synchronous_with([]) == ""


def test_quotes_and_backslashes_survive_quoting() -> None:
    assert quoted(r"it's \here") == r"'it\'s \\here'"
