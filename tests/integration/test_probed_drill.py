"""The counting of a drill on AWS, on a real cluster: through the probe's own handler, with and without a loss."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.drill.control import WRITES_HELD_BACK, run_control
from local.drill.probe_function import ProbeFunction
from local.drill.probed_writes import ROWS_A_LOOK, ProbedWrites
from local.drill.writers import ProbedWriters
from local.errors import LocalError
from local.postgres.cluster import Cluster
from tests.integration.clusters import ask, connect
from tests.integration.probed_cluster import Probed, probed_cluster

RUNS = "SELECT array_agg(DISTINCT run) FROM public.langpont_drill_writes"


class LambdaOfHandler:
    """Invokes the handler as Lambda would."""

    def __init__(self, probed: Probed) -> None:
        self._probed = probed

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        answer = self._probed.ask(self._probed.cluster.writer, json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps(answer | {"function": FunctionName}).encode())}


@pytest.fixture
def database(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProbeFunction]:
    with probed_cluster(cluster, monkeypatch) as probed:
        yield ProbeFunction(LambdaOfHandler(probed), "probe")  # type: ignore[arg-type]


def test_asynchronous_commits_are_found_to_be_lost(cluster: Cluster, database: ProbeFunction) -> None:
    control = run_control(cluster, ProbedWriters(database), asynchronous=True)

    assert control.account.lost >= WRITES_HELD_BACK // 2
    assert control.name == "asynchronous (probe)"
    assert control.is_as_expected


def test_failover_with_synchronous_commits_loses_no_row(cluster: Cluster, database: ProbeFunction) -> None:
    with ProbedWriters(database) as writers:
        writers.wait_for_further(4 * ROWS_A_LOOK)
        cluster.fail_over()
        writers.wait_for_further(4 * ROWS_A_LOOK)

    present = writers.present()
    acknowledged = {attempt.key for attempt in writers.attempts if attempt.acknowledged}
    assert len(acknowledged) >= 8 * ROWS_A_LOOK
    assert acknowledged <= present


def test_drill_removes_its_rows_and_those_that_are_a_day_old(cluster: Cluster, database: ProbeFunction) -> None:
    with connect(cluster) as master:
        master.execute(b"INSERT INTO langpont_drill_writes VALUES (1, 1, now() - interval '25 hours'), (2, 1, now())")
        writes = ProbedWrites(database)
        writes.look()

        account, remarks = writes.counted()
        stays = writes.removed()

        assert account is not None
        assert (account.acknowledged, account.lost, remarks, stays) == (ROWS_A_LOOK, 0, (), ())
        assert ask(master, RUNS) == [2]
        master.execute(b"DELETE FROM langpont_drill_writes")


def test_table_that_is_missing_is_said_by_name(cluster: Cluster, database: ProbeFunction) -> None:
    with connect(cluster) as master:
        master.execute(b"ALTER TABLE langpont_drill_writes RENAME TO elsewhere")
        try:
            answer = ProbedWrites(database).look()
            with pytest.raises(LocalError, match=r"could not count: .*langpont_drill_writes.* does not exist"):
                database.present(1)
        finally:
            master.execute(b"ALTER TABLE elsewhere RENAME TO langpont_drill_writes")

    assert answer.has_no_table
    assert "langpont_drill_writes" in str(answer.error)


def test_right_that_is_missing_is_told_from_a_table_that_is_locked(cluster: Cluster, database: ProbeFunction) -> None:
    with connect(cluster) as master:
        with master.transaction():
            master.execute(b"LOCK TABLE langpont_drill_writes")
            locked = ProbedWrites(database).look()
        master.execute(b"REVOKE INSERT ON langpont_drill_writes FROM langpont_metrics")
        try:
            denied = ProbedWrites(database).look()
        finally:
            master.execute(b"GRANT INSERT ON langpont_drill_writes TO langpont_metrics")

    assert (locked.is_writable, locked.has_no_table) == (False, False)
    assert (denied.is_writable, denied.has_no_table) == (False, True)


def test_role_of_the_probe_writes_to_no_other_table(cluster: Cluster, database: ProbeFunction) -> None:
    database.look()
    query = (
        "SELECT array_agg(DISTINCT table_name::text) FROM information_schema.role_table_grants"
        " WHERE grantee = 'langpont_metrics' AND privilege_type <> 'SELECT'"
    )

    with connect(cluster) as master:
        assert ask(master, query) == ["langpont_drill_writes"]
