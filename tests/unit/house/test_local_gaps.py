"""Every difference between the local AWS and AWS is written down."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
GAPS = sorted(p.stem for p in (ROOT / "local/aws/gaps").glob("*.py") if p.stem != "__init__")


def test_every_gap_module_is_listed_with_how_it_differs() -> None:
    rows = (ROOT / "docs/local-gaps.md").read_text(encoding="utf-8").splitlines()
    listed = [row.split("`")[1] for row in rows if row.startswith("| `")]

    assert sorted(listed) == GAPS


def test_every_gap_module_is_installed_by_the_launcher() -> None:
    launcher = (ROOT / "local/aws/launcher.py").read_text(encoding="utf-8")

    # rds_events is used by the others and has nothing to install.
    assert [gap for gap in GAPS if gap != "rds_events" and f"{gap}.install(" not in launcher] == []
