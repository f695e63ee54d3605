"""`make validate`: everything that can be found wrong before anything is built, and without an AWS account."""

import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deployment import sam
from deployment.errors import DeploymentError
from rds_operations.domain.errors import ConfigurationError
from rds_operations.runtime.metric_queries import load_metric_queries

QUERIES = Path("functions", "push_metrics", "queries")
LOGS = Path("build", "deployment")
DEADLINE_SECONDS = 300
_GENERATORS = "generators"
_METRICS_PAGE = "metric_files.document"

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Validation:
    """Checks a checkout.

    Args:
        root: The checkout.
        programs: The folder of the programs of its Python environment.
        surroundings: Environment variables.
    """

    root: Path
    programs: Path
    surroundings: Mapping[str, str]

    def run(self, say: Say) -> None:
        """Check everything, and name everything that is wrong at the end.

        Args:
            say: Told each check that passed, in a line.

        Raises:
            DeploymentError: something is wrong; the message holds one line for each check that failed.
        """
        problems = []
        for name, check in self._checks():
            try:
                check()
            except (DeploymentError, ConfigurationError) as error:
                problems.append(f"{name}: {error}")
            else:
                say(f"{name}: right")
        if problems:
            raise DeploymentError("; ".join(problems))

    def _checks(self) -> Iterator[tuple[str, Callable[[], None]]]:
        yield "metric queries", lambda: check_queries(self.root / QUERIES)
        if importlib.util.find_spec(_GENERATORS):
            yield "generated files", self._check_generated
        yield "templates (cfn-lint)", self._lint_templates
        yield "root template (sam validate)", self._sam_validate

    def _check_generated(self) -> None:
        self._run([sys.executable, "-m", _GENERATORS, "--check"], "generators")
        self._run([sys.executable, "-m", _METRICS_PAGE, "--check"], "metrics-page")

    def _lint_templates(self) -> None:
        own = self.root / ".venv" / "linters" / "bin" / "cfn-lint"
        program = own if own.exists() else self.programs / "cfn-lint"
        templates = ["template.yaml", *sorted(str(p.relative_to(self.root)) for p in self.root.glob("stacks/*.yaml"))]
        self._run(
            [program, "--regions", "ap-northeast-1", "--include-checks", "I3011", "I3013", "--", *templates], "cfn-lint"
        )

    def _sam_validate(self) -> None:
        self._run([self.programs / "sam", "validate", "--lint", "--region", "ap-northeast-1"], "sam-validate")

    def _run(self, command: list[str | Path], name: str) -> None:
        sam.run_program(
            command,
            folder=self.root,
            environment=sam.quiet_environment(self.programs, self.surroundings),
            log=self.root / LOGS / f"{name}.log",
            deadline_seconds=DEADLINE_SECONDS,
        )


def check_queries(folder: Path) -> None:
    """Parse every query file of push_metrics as the function would at its start.

    Raises:
        ConfigurationError: a file is wrong, or there is none; the message names it, its line and what is allowed.
    """
    load_metric_queries(folder)
