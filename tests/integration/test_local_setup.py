"""The set-up works from any state, one at a time; a fresh clone is stopped and cleaned without one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local.waiting import wait_until

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 30
# Stands for python3.13: makes environments of itself, and writes down what pip was asked for.
PYTHON = """\
#!/bin/sh
case "$1 $2" in
    "-m venv")
        echo "venv $4" >>"$CALLS"
        rm -rf "$4" && mkdir -p "$4/bin" && cp "$0" "$4/bin/python"
        echo "command = $0 -m venv --clear $4" >"$4/pyvenv.cfg" ;;
    "-m pip") echo "pip $0" >>"$CALLS"; until [ ! -e "$CALLS.hold" ]; do sleep 0.01; done ;;
esac
"""
USED = ("sh", "dirname", "cat", "cksum", "mkdir", "rmdir", "rm", "cp", "grep", "sed", "sleep", "tail")


class Clone:
    """A clone with what the set-up reads, and a python3.13 that needs no network."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "clone"
        self.programs = folder / "programs"
        self.calls_file = folder / "calls"
        for name in ("requirements/linters", "layers/application", "layers/operations", "layers/postgres", "local"):
            (self.root / name).mkdir(parents=True)
        for name in (
            "requirements/local.txt",
            "requirements/linters/requirements.txt",
            "layers/application/requirements.txt",
            "layers/operations/requirements.txt",
            "layers/postgres/requirements.txt",
        ):
            (self.root / name).write_text("")
        shutil.copy(ROOT / "local/setup.sh", self.root / "local")
        shutil.copy(ROOT / "Makefile", self.root)
        self.programs.mkdir()
        (self.programs / "python3.13").write_text(PYTHON)
        (self.programs / "python3.13").chmod(0o755)

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        whole = {"PATH": f"{self.programs}:/usr/bin:/bin", "CALLS": str(self.calls_file)}
        return subprocess.Popen(
            ["/bin/sh", str(self.root / "local/setup.sh"), *arguments],
            env={**whole, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def set_up(self, *arguments: str, **environment: str) -> str:
        """Run it to its end; return what it complained about."""
        with self.start(*arguments, **environment) as process:
            _, complaint = process.communicate(timeout=DEADLINE_SECONDS)
        return complaint

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_both_environments_are_made_without_a_home(clone: Clone) -> None:
    complaint = clone.set_up()

    assert complaint == ""
    assert [call.split()[0] for call in clone.calls] == ["venv", "venv", "pip", "pip"]


def test_a_second_set_up_does_nothing(clone: Clone) -> None:
    clone.set_up()
    before = clone.calls

    clone.set_up()

    assert clone.calls == before


def test_linters_get_an_environment_of_their_own_once(clone: Clone) -> None:
    clone.set_up()
    before = clone.calls

    complaints = [clone.set_up("linters"), clone.set_up("linters")]

    environment = f"{clone.root}/.venv/linters"
    assert complaints == ["", ""]
    assert clone.calls == [*before, f"venv {environment}", "pip .venv/linters/bin/python"]


def test_a_missing_runtime_of_the_functions_is_made_again(clone: Clone) -> None:
    clone.set_up()
    shutil.rmtree(clone.root / ".venv/lambda-runtime")
    clone.calls_file.unlink()

    clone.set_up()

    assert clone.calls[0] == f"venv {clone.root}/.venv/lambda-runtime"


def test_the_environments_of_a_moved_checkout_are_made_anew(clone: Clone) -> None:
    clone.set_up()
    clone.calls_file.unlink()
    clone.root = clone.root.rename(clone.root.with_name("moved"))

    clone.set_up()

    assert clone.calls[:2] == [f"venv {clone.root}/.venv", f"venv {clone.root}/.venv/lambda-runtime"]


def test_two_at_a_time_make_one(clone: Clone) -> None:
    hold = clone.calls_file.with_name("calls.hold")
    hold.touch()
    with clone.start() as first, clone.start() as second:
        try:
            wait_until("pip", lambda: any("pip" in call for call in clone.calls), deadline_seconds=DEADLINE_SECONDS)
        finally:
            hold.unlink()
        complaints = [each.communicate(timeout=DEADLINE_SECONDS)[1] for each in (first, second)]

    assert complaints == ["", ""]
    assert [call.split()[0] for call in clone.calls] == ["venv", "venv", "pip", "pip"]


def test_without_flock_a_second_one_at_a_time_is_refused(clone: Clone) -> None:
    for name in USED:
        (clone.programs / name).symlink_to(str(shutil.which(name)))
    (clone.root / "build/setting-up").mkdir(parents=True)

    refused = clone.set_up(PATH=str(clone.programs))
    (clone.root / "build/setting-up").rmdir()
    complaint = clone.set_up(PATH=str(clone.programs))

    assert refused.startswith(
        "error: another set-up of this checkout is under way; wait for it, or, if none is, remove"
    )
    assert complaint == ""
    assert not (clone.root / "build/setting-up").exists()


@pytest.mark.parametrize("target", ["down", "clean"])
def test_a_fresh_clone_is_stopped_without_a_set_up(clone: Clone, target: str) -> None:
    made = subprocess.run(
        ["make", target], cwd=clone.root, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    )

    assert made.stdout.startswith("Nothing to stop")
    assert not (clone.root / ".venv").exists()


def test_a_clone_whose_set_up_failed_is_stopped_without_another(clone: Clone) -> None:
    (clone.programs / "python3.13").write_text('#!/bin/sh\n[ "$1" != -m ]\n')

    complaint = clone.set_up()
    made = subprocess.run(
        ["make", "down"], cwd=clone.root, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    )

    assert complaint.startswith("error: cannot make .venv")
    assert (clone.root / ".venv").exists()
    assert made.stdout.startswith("Nothing to stop")


def test_clean_removes_whatever_git_ignores_and_nothing_else(clone: Clone) -> None:
    kept = sorted(path for path in clone.root.rglob("*"))
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()]
    # These are removed by `make down`, which would have to set up for that.
    ignored = [name for name in ignored if not name.startswith((".local", ".venv"))]
    for name in ignored:
        (clone.root / name.replace("*", "langpont_db")).mkdir()
    (clone.root / "local/__pycache__").mkdir()

    subprocess.run(["make", "clean"], cwd=clone.root, capture_output=True, check=True, env={"PATH": os.environ["PATH"]})

    assert ignored
    assert sorted(clone.root.rglob("*")) == kept
