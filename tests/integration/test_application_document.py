"""The programs in docs/application.md run as they stand there, and let a user read their own writes from a replica."""

import asyncio
import re
from pathlib import Path
from types import CodeType
from typing import Any

import httpx
import pytest

from langpont_db import AsyncDatabase
from local.postgres.cluster import Cluster
from rds_operations.domain.database_roles import APP_ROLE, READONLY_ROLE
from tests.database_setup import set_up
from tests.integration.application import (
    DEADLINE_SECONDS,
    PLACE,
    make_notes,
    replay_delayed,
    variables_of,
    wait_for_replica,
)
from tests.integration.clusters import ask
from tests.integration.conftest import PostgresServer

DOCUMENT = Path(__file__).parents[2] / "docs" / "application.md"
# Cookies are for verified connections only, here as there.
ADDRESS = "https://langpont.example.com"


def _program(name: str) -> CodeType:
    found = re.search(
        rf"<!-- executed: {name} -->\n```python\n(.+?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL
    )
    assert found, name
    return compile(found[1], f"{DOCUMENT.name}, {name}", "exec")


@pytest.fixture
def environment(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    make_notes(cluster)
    for name, value in variables_of(cluster).items():
        monkeypatch.setenv(name, value)


def _run(name: str) -> dict[str, Any]:
    program: dict[str, Any] = {"__name__": name}
    exec(_program(name), program)  # noqa: S102 (the document's own)
    return program


@pytest.mark.usefixtures("environment")
def test_flask_user_reads_their_own_write_where_a_stranger_does_not_yet(cluster: Cluster) -> None:
    program = _run("flask")
    user, stranger = program["app"].test_client(), program["app"].test_client()
    wait_for_replica(program["database"])

    with replay_delayed(cluster, "3s"):
        written = user.post("/notes/me", base_url=ADDRESS)
        by_stranger = stranger.get("/notes/me", base_url=ADDRESS)
        by_user = user.get("/notes/me", base_url=ADDRESS)
    program["database"].close()

    assert written.status_code == 201
    assert "position=" in written.headers["Set-Cookie"]
    assert by_stranger.json == {"notes": 0}
    assert "Set-Cookie" not in by_stranger.headers
    assert by_user.json == {"notes": 1}


@pytest.mark.usefixtures("environment")
def test_flask_request_that_another_hook_answers_first_keeps_its_answer() -> None:
    program = _run("flask")
    app = program["app"]
    # As an extension that asks for a login would have it, first of all.
    app.before_request_funcs[None].insert(0, lambda: ("log in first", 401))

    answer = app.test_client().get("/notes/me", base_url=ADDRESS)
    program["database"].close()

    assert (answer.status_code, answer.text) == (401, "log in first")


@pytest.mark.usefixtures("environment")
def test_fastapi_user_reads_their_own_write_where_a_stranger_does_not_yet(cluster: Cluster) -> None:
    program = _run("fastapi")

    async def use() -> tuple[httpx.Response, httpx.Response, httpx.Response]:
        app = program["app"]
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url=ADDRESS) as user,
            httpx.AsyncClient(transport=transport, base_url=ADDRESS) as stranger,
        ):
            await _wait_for_replica(program["database"])
            with replay_delayed(cluster, "3s"):
                written = await user.post("/notes/me")
                return written, await stranger.get("/notes/me"), await user.get("/notes/me")

    written, by_stranger, by_user = asyncio.run(use())

    assert written.status_code == 201
    assert "position=" in written.headers["Set-Cookie"]
    assert by_stranger.json() == {"notes": 0}
    assert by_user.json() == {"notes": 1}


async def _wait_for_replica(database: AsyncDatabase) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            async with database.get_read_session() as session:
                if await session.scalar(PLACE):
                    return
            await asyncio.sleep(0.01)


def test_roles_that_log_in_by_token_may_and_begin_with_what_the_kits_do(new_server: PostgresServer) -> None:
    set_up(new_server.as_master()).raise_failures()
    (script,) = re.findall(r"^```sql\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    limits = "SELECT rolconfig, rolconnlimit FROM pg_roles WHERE rolname = %s"

    with new_server.as_master().connection() as master:
        master.read_only = False
        master.execute(script.encode())

    assert {result.outcome for result in set_up(new_server.as_master()).results} == {"unchanged"}
    with new_server.connect_as_superuser() as superuser:
        for role, like in (("application_by_token", APP_ROLE), ("reader_by_token", READONLY_ROLE)):
            assert ask(superuser, f"SELECT pg_has_role('{role}', '{like}', 'USAGE')")
            assert ask(superuser, f"SELECT pg_has_role('{role}', 'rds_iam', 'MEMBER')")
            assert not ask(superuser, f"SELECT pg_has_role('{like}', 'rds_iam', 'MEMBER')")
            of_role, of_like = (superuser.execute(limits, [each]).fetchone() for each in (role, like))
            assert of_role == of_like
