"""The last report stays until the next is whole, also when the next drill or load cannot be finished."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local.checkout import Checkout
from local.drill.run import Wishes as DrillWishes
from local.drill.run import drill_embedded
from local.errors import LocalError
from local.load.run import load_embedded
from local.load.wishes import Wishes as LoadWishes
from local.reports.files import keep_logs, swap_in


class Failing:
    """An environment that logs why it does not come up."""

    def __init__(self, checkout: Checkout, _say: Callable[[str], None]) -> None:
        self._logs = checkout.logs

    def up(self) -> None:
        self._logs.mkdir(parents=True)
        (self._logs / "sam.log").write_text("why")
        raise LocalError("it does not come up")

    def down(self) -> None:
        """Nothing was started."""


@pytest.mark.parametrize("kind", ["drill", "load"])
def test_run_that_fails_leaves_the_last_report_and_its_own_logs(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"local.{kind}.run.Lifecycle", Failing)
    last = tmp_path / "build" / kind / "report.html"
    swap_in("the last", last)
    run: dict[str, Callable[[], object]] = {
        "drill": lambda: drill_embedded(Checkout(tmp_path), DrillWishes(), lambda _: None),
        "load": lambda: load_embedded(Checkout(tmp_path), LoadWishes(), lambda _: None),
    }

    with pytest.raises(LocalError, match="it does not come up"):
        run[kind]()

    assert last.read_text() == "the last"
    assert (last.parent / "logs" / "sam.log").read_text() == "why"


def test_report_that_cannot_be_written_leaves_the_last(tmp_path: Path) -> None:
    path = tmp_path / "build" / "report.html"
    swap_in("the last", path)

    with pytest.raises(UnicodeEncodeError):
        swap_in("half of it \ud800", path)

    assert path.read_text() == "the last"


def test_new_report_takes_the_place_of_the_last(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    swap_in("the last", path)

    swap_in("the new", path)

    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("report.html", "the new")]


def test_logs_of_an_earlier_run_are_not_mixed_with_the_new(tmp_path: Path) -> None:
    logs, report = tmp_path / "logs", tmp_path / "report"
    for name in ("earlier.log", "new.log"):
        logs.mkdir()
        (logs / name).touch()
        keep_logs(logs, report)
        (logs / name).unlink()
        logs.rmdir()

    keep_logs(logs, report)

    assert [log.name for log in (report / "logs").iterdir()] == ["new.log"]
