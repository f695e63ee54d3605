"""A server that forks its workers after loading the application does not share connections between them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.postgres.cluster import Cluster
from tests.integration.application import make_notes, variables_of

ROOT = Path(__file__).parents[2]
SCRIPT = """
import os, sys, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # forking with threads is what is tried here
from sqlalchemy import text
from langpont_db import Database

def use(database):
    with database.request():
        with database.get_write_session() as session:
            pid = session.scalar(text("SELECT pg_backend_pid()"))
            session.execute(text("INSERT INTO public.application_notes (author) VALUES ('fork')"))
        while True:
            with database.get_read_session() as session:
                if session.scalar(text("SELECT pg_is_in_recovery()")):
                    return pid

database = Database.from_env()
before = use(database)
child = os.fork()
if not child:
    is_own = use(database) != before
    database.close()
    os._exit(0 if is_own else 3)
_, status = os.waitpid(child, 0)
assert use(database) == before, "the parent's connection was touched"
database.close()
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.timeout(120)
def test_forked_worker_has_connections_and_a_monitor_of_its_own(cluster: Cluster) -> None:
    make_notes(cluster)
    path = os.pathsep.join(str(ROOT / layer) for layer in ("layers/application", "layers/postgres"))

    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**variables_of(cluster), "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ran.returncode == 0, ran.stderr
