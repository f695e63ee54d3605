"""The files of a report: the last one stays until the new one is there whole."""

import shutil
from pathlib import Path


def swap_in(text: str, path: Path) -> None:
    """Write a file beside the one that it replaces, and then put it in its place.

    Args:
        text: All of it.
        path: Where it belongs; its folder is made where there is none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def keep_logs(logs: Path, report: Path) -> None:
    """Keep what a run logged beside its report: a run that could not be finished is explained there.

    Args:
        logs: The folder of the logs; where there is none, those of an earlier run stay.
        report: The report's folder.
    """
    if not logs.exists():
        return
    kept = report / "logs"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(logs, kept)
