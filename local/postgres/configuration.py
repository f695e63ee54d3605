"""The servers' settings: the design's parameters in PostgreSQL's own units, and what only a server without RDS needs.

A shared_buffers of 1 GB costs nothing until it is used: three servers fit on a small machine with the design's values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.free_ports import LOOPBACK

# shared/system.md's parameter group. default_text_search_config is no parameter of a group: ALTER DATABASE sets it.
DESIGN: Mapping[str, str] = {
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
    # What RDS writes and does not let anybody change; the csvlog has every field of it, and more.
    "log_line_prefix": "%t:%r:%u@%d:[%p]:",
    "log_checkpoints": "on",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_lock_waits": "on",
    "log_statement": "ddl",
    "log_min_messages": "warning",
    "autovacuum": "on",
    "autovacuum_max_workers": "3",
    "autovacuum_vacuum_threshold": "50",
    "autovacuum_vacuum_scale_factor": "0.2",
    "autovacuum_analyze_threshold": "50",
    "autovacuum_analyze_scale_factor": "0.1",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "rds.force_ssl": "1",
    "rds.accepted_password_auth_method": "scram",
    "ssl_min_protocol_version": "TLSv1.2",
    "password_encryption": "scram-sha-256",
    "idle_in_transaction_session_timeout": "5min",
    "shared_preload_libraries": "pg_stat_statements",
    # RDS sets these itself; the check after a deployment reads them back.
    "ssl": "on",
    "ssl_prefer_server_ciphers": "on",
    "wal_level": "replica",
    "archive_mode": "on",
    "max_wal_senders": "10",
}

LOCAL: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    # A checkout may lie deeper than the 107 characters that a socket's path may have: TCP with TLS is the only way in.
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "postgresql.log.%Y-%m-%d-%H%M",
    # Nobody restores from this archive: RDS has its own.
    "archive_command": "/bin/true",
    # Files in the data directory instead of segments in /dev/shm, which a killed server would leave behind.
    "dynamic_shared_memory_type": "mmap",
    # With "try", a container whose huge pages are limited kills the server at the first page beyond.
    "huge_pages": "off",
    # Read replicas follow without slots; this much may be written while one is down.
    "wal_keep_size": "256MB",
    # A failover is over in a second here: what notices and reconnects must not wait for the defaults of 5 to 60 s.
    "wal_retrieve_retry_interval": "100ms",
    "wal_receiver_status_interval": "1s",
    "wal_receiver_timeout": "5s",
    "wal_sender_timeout": "5s",
    "synchronous_commit": "on",
}

# TLS or nothing, and passwords as SCRAM only; what matches no line is refused in RDS's own words.
CLIENT_AUTHENTICATION = f"""\
hostssl all         all        {LOOPBACK}/32 scram-sha-256
hostssl replication replicator {LOOPBACK}/32 scram-sha-256
"""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What differs from server to server.

    Args:
        name: `cluster_name`, and what the primary calls it among its standbys.
        port: Where it listens on 127.0.0.1.
        certificate: Its certificate's file.
        key: Its private key's file.
        log_folder: Where it writes its log.
        follows: The connection to the server whose changes it applies; None for a primary.
    """

    name: str
    port: int
    certificate: Path
    key: Path
    log_folder: Path
    follows: str | None = None

    def parameters(self) -> dict[str, str]:
        """Return these as PostgreSQL's parameters."""
        return {
            "cluster_name": self.name,
            "port": str(self.port),
            "ssl_cert_file": str(self.certificate),
            "ssl_key_file": str(self.key),
            "log_directory": str(self.log_folder),
            "primary_conninfo": self.follows or "",
        }


def server_configuration(settings: ServerSettings) -> str:
    """Return the text of a server's postgresql.conf."""
    parameters = {**DESIGN, **LOCAL, **settings.parameters()}
    return "".join(f"{name} = {quoted(value)}\n" for name, value in parameters.items())


def synchronous_with(standbys: Sequence[str]) -> str:
    """Return the value of synchronous_standby_names that makes commits wait for the first of the standbys."""
    return f"FIRST 1 ({', '.join(standbys)})" if standbys else ""


def quoted(value: str) -> str:
    """Return a value as postgresql.conf and libpq's connection strings want it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
