"""Client processes of a load start, answer and end; one that cannot is told by its own last line."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.checkout import Checkout
from local.errors import LocalError
from local.load.clients import started_clients
from local.load.figures import MIX
from local.load.targets import Target, Targets
from local.pooler.configuration import READER_DATABASE, WRITER_DATABASE
from local.postgres.access import Endpoint
from local.postgres.cluster import Cluster
from local.postgres.seed import DATABASE
from tests.integration.poolers import start, stop, upstreams_of

ROOT = Checkout.here().root
CLIENTS = 20


@pytest.fixture
def targets(cluster: Cluster, tmp_path: Path) -> Iterator[Targets]:
    upstreams = upstreams_of(cluster)
    writer, reader = upstreams.writer.login, upstreams.reader.login
    try:
        access = start(tmp_path, upstreams).access
        pooler = Endpoint(access.endpoint, access.port, Path(access.ca_bundle))
        yield Targets(
            Target(pooler, WRITER_DATABASE, writer),
            Target(pooler, READER_DATABASE, reader),
            Target(cluster.writer, DATABASE, writer),
        )
    finally:
        stop(tmp_path)


@pytest.mark.parametrize("application", ["package", "plain"])
def test_every_kind_of_client_does_the_whole_mix(targets: Targets, tmp_path: Path, application: str) -> None:
    with started_clients(application, targets, clients=CLIENTS, root=ROOT, logs=tmp_path, mark={}) as clients:
        clients.load(100, 1, "warm-up")
        loaded = clients.load(100, 2, "a-mark")

    assert {one.kind for one in loaded.transactions} == set(MIX)
    assert [one.error for one in loaded.transactions if one.error] == []
    assert all(one.mark.startswith("a-mark-") for one in loaded.transactions if one.mark)


def test_client_that_does_not_start_is_told_by_its_last_line(targets: Targets, tmp_path: Path) -> None:
    writer = targets.pooled_writer
    wrong = replace(targets, pooled_writer=replace(writer, login=replace(writer.login, password="not-the-one")))

    with (
        pytest.raises(LocalError, match=r"a load client ended or did not answer: .*log: .*load-client-package-0\.log"),
        started_clients("package", wrong, clients=CLIENTS, root=ROOT, logs=tmp_path, mark={}) as clients,
    ):
        clients.load(10, 1, "never")
