"""Times what a cold start adds to the interpreter: a function's imports, settings and clients, in a fresh process.

Beside it, in the same run, `import boto3; boto3.client("rds")`: what a function costs that does nothing yet. The
interpreter is the one that has boto3 and nothing else, as in Lambda; code and layers are those that are deployed, once
as they are, with the layers' bytecode, and once without.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LAYERS = ("OperationsLayer", "PostgresLayer")
BASELINE = 'import boto3; boto3.client("rds")'
ROUNDS = 10

_MEASURED = "from time import process_time; began = process_time()\n{code}\nprint(process_time() - began)"
_SECRETS = ("DB", "APP", "READONLY")
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
    "SET_UP_FUNCTION_NAME": "langpont-dev-set-up-database",
    "METRICS_AUTHENTICATION": "iam",
    "DB_INSTANCE_CLASS": "db.t3.medium",
    # What switches features on that have clients of their own.
    "PROBE_FUNCTION_NAME": "langpont-dev-probe-database",
    "FOLLOW_UP_GROUP": "langpont-dev-follow-ups",
    "FOLLOW_UP_ROLE_ARN": "arn:aws:iam::123456789012:role/follow-ups",
    "FOLLOW_UP_QUEUE_ARN": _ARN.format(service="sqs", name="follow-ups"),
    "CHAT_TOPIC_ARN": _ARN.format(service="sns", name="chat"),
    "RUNBOOK_BASE_URL": "https://docs.example.com/runbooks",
    "MAX_CONNECTIONS": "300",
    "LOG_DESTINATION": "csvlog",
    **{f"{whose}_SECRET_ARN": _ARN.format(service="secretsmanager", name=f"secret:{whose}") for whose in _SECRETS},
}
_START = "import app"
# What some leave to their first run, so that CloudFormation hears of what fails.
_STARTS: Mapping[str, str] = {
    "lock_default_security_group": f"{_START}; app.LockDefaultSecurityGroupSettings.from_env(); app.ec2_client()",
    "request_database_setup": f"{_START}; app.RequestDatabaseSetupSettings.from_env(); app.lambda_client()",
    "resolve_engine_version": f"{_START}; app.ResolveEngineVersionSettings.from_env(); app.rds_client()",
    "set_up_database": f"{_START}; from rds_operations.adapters import secrets; secrets.secrets_client()",
}
MOST = 1.10
MOST_EVERY_MINUTE = 1.00
_EVERY_MINUTE = "push_metrics"


@dataclass(frozen=True, slots=True)
class ColdStart:
    """One function.

    Args:
        function: Its stem.
        seconds: Processor time as it is deployed, the shortest of the rounds.
        source_seconds: The same without bytecode.
        baseline_seconds: That of the baseline, which has its bytecode in any case.
    """

    function: str
    seconds: float
    source_seconds: float
    baseline_seconds: float

    @property
    def ratio(self) -> float:
        """Return how many times the baseline it takes as it is deployed."""
        return self.seconds / self.baseline_seconds

    @property
    def source_ratio(self) -> float:
        """Return how many times the baseline it takes without bytecode."""
        return self.source_seconds / self.baseline_seconds

    @property
    def target(self) -> float:
        """Return the ratio that it should not exceed; push_metrics makes no client and runs most often."""
        return MOST_EVERY_MINUTE if self.function == _EVERY_MINUTE else MOST


def measure_cold_starts(build: Path, python: Path, scratch: Path, rounds: int = ROUNDS) -> list[ColdStart]:
    """Return a measurement of every function.

    Args:
        build: Where code and layers are, as they are deployed.
        python: Lambda's interpreter.
        scratch: An empty folder for a copy without bytecode.
        rounds: How often each is started; the rounds are interleaved, so that all see the same machine.
    """
    source = scratch / "build"
    shutil.copytree(build, source, ignore=shutil.ignore_patterns("__pycache__"))
    folders = {_stem(folder): folder.relative_to(build) for folder in function_folders(build)}
    taken: dict[tuple[str, Path | None], list[float]] = {}
    for _ in range(rounds):
        taken.setdefault(("", None), []).append(_seconds(python, BASELINE, [], "the baseline"))
        for stem, folder in folders.items():
            for root in (build, source):
                start = _STARTS.get(stem, _START)
                taken.setdefault((stem, root), []).append(_seconds(python, start, _path(root, folder), stem))
    shortest = {key: min(seconds) for key, seconds in taken.items()}
    return [
        ColdStart(stem, shortest[stem, build], shortest[stem, source], shortest["", None]) for stem in sorted(folders)
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
