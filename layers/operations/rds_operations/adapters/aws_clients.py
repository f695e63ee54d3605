"""Makes the clients of AWS, by botocore: boto3's own session comes with resources and transfers that nothing here uses.

What a client reads about its service is cut to the operations that are used (docs/adr/0009-cold-starts.md). The clients
are the same; the types are boto3's.
"""

from functools import cache
from pathlib import Path
from typing import Any

import botocore
from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session, get_session

OLDEST_BOTOCORE = (1, 38)
"""The first minor version that reads the cut models (docs/adr/0009-cold-starts.md); which one Lambda has is AWS's."""

_MODELS = Path(__file__).parents[1] / "service_models"


def aws_client(
    service: str,
    *,
    connect_timeout_seconds: float,
    read_timeout_seconds: float,
    attempts: int,
    keeps_connection_alive: bool = False,
) -> Any:
    """Return a client with a limit to each of its waits; region and credentials are the environment's.

    All have one session: with its own the second client would cost ten times as much.

    Args:
        service: As botocore names it.
        connect_timeout_seconds: Wait for a connection, per attempt.
        read_timeout_seconds: Wait for an answer, per attempt.
        attempts: How often a call is tried in all.
        keeps_connection_alive: Whether TCP says from time to time that the connection is still wanted.
    """
    config = Config(
        connect_timeout=connect_timeout_seconds,
        read_timeout=read_timeout_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
        tcp_keepalive=keeps_connection_alive,
    )
    return shared_session().create_client(service, config=config)


@cache
def shared_session() -> Session:
    """Return the session of this process: where it runs and as whom does not change."""
    session = get_session()
    if tuple(int(part) for part in botocore.__version__.split(".")[:2]) >= OLDEST_BOTOCORE:
        models = _CutModels(extra_search_paths=[str(_MODELS)], include_default_extras=False)
        session.register_component("data_loader", models)
    return session


class _CutModels(Loader):
    """Reads the layer's models first, and what is not there, such as partitions and retries, where botocore has it."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - all have every type
        """Return the services that are used, without a look into the folder of every service there is."""
        return sorted(path.name for path in _MODELS.iterdir() if path.is_dir())

    def is_builtin_path(self, path: str) -> bool:
        """Return true for the endpoints, too: of a stranger's it would take the names, not the rules."""
        return path.startswith(str(_MODELS)) or super().is_builtin_path(path)
