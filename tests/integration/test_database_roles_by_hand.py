"""What docs/database-roles.md says to run by hand is what the set-up does."""

import re

from rds_operations.domain.database_roles import wanted_roles
from rds_operations.domain.databases import Authentication
from tests.database_setup import set_up
from tests.integration.conftest import PostgresServer
from tests.templates import ROOT

BY_TOKEN = wanted_roles(max_connections=300, metrics_authentication=Authentication.IAM)


def test_script_by_hand_leaves_the_set_up_nothing_to_do(new_server: PostgresServer) -> None:
    document = (ROOT / "docs" / "database-roles.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```sql\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)

    with new_server.as_master().connection() as master:
        master.read_only = False
        master.execute(script.encode())

    run = set_up(new_server.as_master(), roles=BY_TOKEN, passwords={})
    assert [(result.step, result.detail) for result in run.results if result.outcome != "unchanged"] == []
    assert run.waiting_for == ()
