"""Where things are in a checkout, which everything that the embedded environment writes lies in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Checkout:
    """One checkout of the repository.

    Args:
        root: Its top folder.
        state: Name of the folder of everything that runs; the demonstration and the end-to-end tests have their own,
            so that they leave alone what `make up` started.
    """

    root: Path
    state: str = ".local"

    @classmethod
    def here(cls) -> Self:
        """Return the checkout that this code lies in."""
        return cls(_ROOT)

    @classmethod
    def of_demo(cls) -> Self:
        """Return this checkout with the demonstration's own state."""
        return cls(_ROOT, state=".local-demo")

    @classmethod
    def of_tests(cls) -> Self:
        """Return this checkout with the end-to-end tests' own state."""
        return cls(_ROOT, state=".local-e2e")

    @classmethod
    def of_shapes(cls) -> Self:
        """Return this checkout with the state in which the end-to-end tests deploy and destroy the other shapes."""
        return cls(_ROOT, state=".local-shapes")

    @classmethod
    def of_drill(cls) -> Self:
        """Return this checkout with the failover drill's own state."""
        return cls(_ROOT, state=".local-drill")

    @classmethod
    def of_load(cls) -> Self:
        """Return this checkout with the load's own state."""
        return cls(_ROOT, state=".local-load")

    @classmethod
    def of_metrics_check(cls) -> Self:
        """Return this checkout with the state in which metrics are tried out where nothing else is up."""
        return cls(_ROOT, state=".local-metrics")

    @classmethod
    def every_state(cls) -> tuple[Self, ...]:
        """Return this checkout with each of its states."""
        own = cls.of_demo(), cls.of_tests(), cls.of_shapes(), cls.of_drill(), cls.of_load(), cls.of_metrics_check()
        return cls.here(), *own

    @property
    def local(self) -> Path:
        """Return the folder of everything that runs: data, logs, records, temporary files."""
        return self.root / self.state

    @property
    def logs(self) -> Path:
        """Return the folder of what the processes and `sam` print."""
        return self.local / "logs"

    @property
    def environment_file(self) -> Path:
        """Return the file that describes the environment while it is up."""
        return self.local / "environment.json"

    @property
    def lock(self) -> Path:
        """Return the file that is locked while the environment is started or stopped; it outlives the data."""
        return self.root / ".venv" / "local.lock"

    @property
    def programs(self) -> Path:
        """Return the folder of the programs of the Python environment."""
        return self.root / ".venv" / "bin"

    @property
    def lambda_python(self) -> Path:
        """Return the interpreter of the functions, which has boto3 and nothing else, as in Lambda."""
        return self.root / ".venv" / "lambda-runtime" / "bin" / "python"

    @property
    def queries(self) -> Path:
        """Return the folder of the metric queries."""
        return self.root / "functions" / "push_metrics" / "queries"

    @property
    def demo_report(self) -> Path:
        """Return the folder of the demonstration's report."""
        return self.root / "build" / "demo"

    @property
    def drill_report(self) -> Path:
        """Return the folder of the failover drill's report."""
        return self.root / "build" / "drill"

    @property
    def pooler_configuration(self) -> Path:
        """Return the folder of the pooler's configuration for each environment."""
        return self.root / "build" / "pgbouncer"

    @property
    def load_report(self) -> Path:
        """Return the folder of the load's report."""
        return self.root / "build" / "load"
