"""Reactions read no logs: CloudWatch Logs may be throttled, denied or slow, and no alert is late or lost for it."""

import pytest

from tests.permission_rows import rows
from tests.templates import ROOT

ADAPTERS = sorted((ROOT / "layers/operations/rds_operations/adapters").glob("*.py"))


@pytest.mark.parametrize("stack", ["reactions", "rehearsal", "access"])
def test_no_role_of_a_reaction_may_read_logs(stack: str) -> None:
    allowed = {action for row in rows(stack) if row.effect == "Allow" for action in row.actions}

    assert "sns:Publish" in allowed or stack == "access"
    assert [action for action in allowed if action.startswith("logs:")] == []


def test_no_adapter_speaks_with_cloudwatch_logs() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in ADAPTERS}

    assert any('aws_client(\n        "sns"' in text or 'aws_client("sns"' in text for text in texts.values())
    assert [name for name, text in texts.items() if '"logs"' in text] == []
