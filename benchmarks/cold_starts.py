"""Times what a cold start adds to the interpreter: a function's imports, settings and clients, in a fresh process.

Beside it, in the same run, `import boto3; boto3.client("rds")`: what a function costs that does nothing yet. The
interpreter is the one that has boto3 and nothing else, as in Lambda; code and layers are those that `sam build` made,
once as they are, without bytecode, and once compiled beforehand.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LAYERS = ("OperationsLayer", "PostgresLayer")
BASELINE = 'import boto3; boto3.client("rds")'
ROUNDS = 5

_MEASURED = "from time import process_time; began = process_time()\n{code}\nprint(process_time() - began)"
_ARN = "arn:aws:{service}:ap-northeast-1:123456789012:{name}"
# Whatever a function's settings may ask for; each takes its own.
_SETTINGS: Mapping[str, str] = {
    "AWS_REGION": "ap-northeast-1",
    "AWS_DEFAULT_REGION": "ap-northeast-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "POWERTOOLS_SERVICE_NAME": "measured",
    "POWERTOOLS_METRICS_NAMESPACE": "LangPont/RDS",
    "PROJECT_NAME": "langpont",
    "ENVIRONMENT": "dev",
    "DB_INSTANCE_IDENTIFIER": "langpont-dev-db",
    "DB_HOST": "langpont-dev-db.c0ffee000000.ap-northeast-1.rds.amazonaws.com",
    "DB_PORT": "5432",
    "DB_NAME": "langpont",
    "DB_USER": "langpont_metrics",
    "DB_AUTH": "iam",
    "SNAPSHOT_PREFIX": "langpont-dev-manual",
    "RETENTION_DAYS": "30",
    "MINIMUM_SNAPSHOTS": "7",
    "MAXIMUM_DELETIONS": "20",
    "SNAPSHOT_INTERVAL_HOURS": "24",
    "MANUAL_SNAPSHOT_QUOTA": "100",
    "PARAMETER_GROUP_NAME": "langpont-dev",
    "ALERTS_TOPIC_ARN": _ARN.format(service="sns", name="alerts"),
    "ALARMS_TOPIC_ARN": _ARN.format(service="sns", name="alarms"),
}


@dataclass(frozen=True, slots=True)
class ColdStart:
    """One function.

    Args:
        function: Its stem.
        seconds: Processor time with bytecode, the shortest of the rounds.
        source_seconds: The same without.
        baseline_seconds: That of the baseline, which has its bytecode in any case.
    """

    function: str
    seconds: float
    source_seconds: float
    baseline_seconds: float

    @property
    def ratio(self) -> float:
        """Return how many times the baseline it takes with bytecode."""
        return self.seconds / self.baseline_seconds

    @property
    def source_ratio(self) -> float:
        """Return how many times the baseline it takes without."""
        return self.source_seconds / self.baseline_seconds


def measure_cold_starts(build: Path, python: Path, scratch: Path, rounds: int = ROUNDS) -> list[ColdStart]:
    """Return a measurement of every function.

    Args:
        build: Where `sam build` put code and layers.
        python: Lambda's interpreter.
        scratch: An empty folder for a compiled copy.
        rounds: How often each is started; the rounds are interleaved, so that all see the same machine.
    """
    compiled = scratch / "build"
    shutil.copytree(build, compiled)
    subprocess.run([python, "-m", "compileall", "-q", compiled], check=True)
    folders = {_stem(folder): folder.relative_to(build) for folder in function_folders(build)}
    taken: dict[tuple[str, Path | None], list[float]] = {}
    for _ in range(rounds):
        taken.setdefault(("", None), []).append(_seconds(python, BASELINE, [], "the baseline"))
        for stem, folder in folders.items():
            for root in (build, compiled):
                taken.setdefault((stem, root), []).append(_seconds(python, "import app", _path(root, folder), stem))
    shortest = {key: min(seconds) for key, seconds in taken.items()}
    return [
        ColdStart(stem, shortest[stem, compiled], shortest[stem, build], shortest["", None]) for stem in sorted(folders)
    ]


def function_folders(build: Path) -> Iterator[Path]:
    """Yield the folder of each function that was built."""
    yield from sorted(path.parent for path in build.rglob("*Function/app.py"))


def _stem(folder: Path) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", folder.name.removesuffix("Function")).lower()


def _path(root: Path, folder: Path) -> list[Path]:
    return [root / folder, *(root / layer / "python" for layer in LAYERS)]


def _seconds(python: Path, code: str, path: Sequence[Path], who: str) -> float:
    environment = {**_SETTINGS, "PYTHONPATH": ":".join(map(str, path)), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        [python, "-c", _MEASURED.format(code=code)], env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise OSError(f"{who} does not start: {ended.stderr.strip().splitlines()[-1]}")
    return float(ended.stdout.splitlines()[-1])
