"""The list of differences keeps up with the modules that make the local AWS behave like AWS."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
GAPS = sorted(p.stem for p in (ROOT / "local/aws/gaps").glob("*.py") if p.stem != "__init__")


def test_list_has_one_row_for_each_gap_module_and_no_other() -> None:
    rows = (ROOT / "docs/local-gaps.md").read_text(encoding="utf-8").splitlines()
    listed = [row.split("`")[1] for row in rows if row.startswith("| `")]

    assert sorted(listed) == GAPS


def test_launcher_mentions_the_install_of_each_gap_module() -> None:
    launcher = (ROOT / "local/aws/launcher.py").read_text(encoding="utf-8")

    # These are used by the others and have nothing to install.
    used = {"rds_events", "undelivered"}
    assert [gap for gap in GAPS if gap not in used and f"{gap}.install(" not in launcher] == []
