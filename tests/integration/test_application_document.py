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
from tests.integration.application import (
    DEADLINE_SECONDS,
    PLACE,
    make_notes,
    replay_delayed,
    variables_of,
    wait_for_replica,
)

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
