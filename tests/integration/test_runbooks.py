"""The SQL in the runbooks is pasted at three in the morning: every block has to run on a real PostgreSQL 16."""

import re
from pathlib import Path

import pytest

from tests.integration.conftest import PostgresServer

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
_SQL_BLOCK = re.compile(r"^ *```sql\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(block, id=f"{path.stem}-{number}")
    for path in sorted(RUNBOOKS.glob("*.md"))
    for number, block in enumerate(_SQL_BLOCK.findall(path.read_text(encoding="utf-8")), 1)
]


@pytest.mark.parametrize("sql", BLOCKS)
def test_sql_in_a_runbook_runs_as_it_is_written(postgres_server: PostgresServer, sql: str) -> None:
    with postgres_server.connect_as_superuser() as connection:
        columns = connection.execute(sql.encode()).description

    assert columns
