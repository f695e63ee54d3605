"""The demonstration from nothing to nothing: everything is started, shown and stopped again."""

import shutil
from pathlib import Path

from rich.console import Console

from local.aws.server import PROCESS, LocalAws
from local.checkout import Checkout
from local.demo import alarm, failover, metrics, snapshots
from local.demo.report import DemoReport
from local.demo.scene import Scene
from local.demo.stage import Stage, Step
from local.errors import LocalError
from local.lifecycle import Lifecycle
from local.stack import FUNCTIONS


class Demonstration:
    """What the steps hand on from one to the next.

    Args:
        checkout: What to demonstrate.
        stage: Where to show it.
    """

    def __init__(self, checkout: Checkout, stage: Stage) -> None:
        self._checkout = checkout
        self._lifecycle = Lifecycle(checkout, stage.say)
        self._aws: LocalAws | None = None
        self._scene: Scene | None = None

    def steps(self) -> tuple[Step, ...]:
        """Return the steps in their order."""
        logs = self._checkout.demo_report / "logs"
        aws_log, build_log, deploy_log = (logs / f"{name}.log" for name in (PROCESS, "sam-build", "sam-deploy"))
        return (
            Step("PostgreSQL 16: primary, synchronous standby, replica", self._start_database, logs),
            Step("Local AWS, IAM enforced", self._start_aws, aws_log),
            Step("sam build", self._build, build_log),
            Step("sam deploy", self._deploy, deploy_log),
            Step("A schedule makes a snapshot", lambda: snapshots.show_scheduled_snapshot(self.scene), aws_log),
            Step("A retry makes no second snapshot", lambda: snapshots.show_retry(self.scene), aws_log),
            Step("A schedule expires old snapshots", lambda: snapshots.show_expiry(self.scene), aws_log),
            Step("A schedule pushes SQL metrics", lambda: metrics.show_metrics(self.scene), aws_log),
            Step("An alarm becomes an alert", lambda: alarm.show_alarm(self.scene), aws_log),
            Step("A failover loses no write and is told", lambda: failover.show_failover(self.scene), aws_log),
            Step("Nothing was denied, nothing was dropped", self._show_quiet_end, aws_log),
        )

    @property
    def scene(self) -> Scene:
        """Return the environment that the steps after the deployment look at."""
        if self._scene is None:
            raise LocalError("nothing is deployed yet")
        return self._scene

    def stop(self) -> None:
        """Keep the logs, stop everything and remove the data."""
        kept = self._checkout.demo_report / "logs"
        if (self._checkout.local / "logs").exists():
            shutil.copytree(self._checkout.local / "logs", kept, dirs_exist_ok=True)
        self._lifecycle.down()

    def _start_database(self) -> str:
        self._lifecycle.down()
        self._lifecycle.start_database()
        cluster = self._lifecycle.cluster
        with cluster.connect_as_superuser() as connection:
            version = connection.execute("SHOW server_version").fetchone()
        return f"PostgreSQL {version[0] if version else '?'}; in sync: {cluster.is_in_sync()}; {cluster.writer.host}"

    def _start_aws(self) -> str:
        self._aws = self._lifecycle.start_aws()
        return f"{self._aws.endpoint_url}, every function under its own policy"

    def _build(self) -> str:
        self._lifecycle.build()
        return "5 functions, 2 layers"

    def _deploy(self) -> str:
        if self._aws is None:
            raise LocalError("the local AWS is not up")
        environment = self._lifecycle.deploy(self._aws)
        self._scene = Scene.of(self._checkout, environment, self._lifecycle.cluster)
        status = self._aws.cloudformation.describe_stacks(StackName=environment.stack_name)["Stacks"][0]["StackStatus"]
        return f"{environment.stack_name}: {status}"

    def _show_quiet_end(self) -> str:
        for function in FUNCTIONS:
            self.scene.refuse_denials(function)
            letters = self.scene.stack.dead_letters(function)
            if letters:
                raise LocalError(f"{function} gave up: {letters[0]['responsePayload'].get('errorMessage')}")
        return f"{len(FUNCTIONS)} functions: no denial in their logs, no letter in their dead-letter queues"


def run_demo(checkout: Checkout, console: Console) -> DemoReport:
    """Run every step, print the summary, write it to build/demo/summary.json, and stop everything, come what may."""
    stage = Stage(console)
    _remove(checkout.demo_report)
    demonstration = Demonstration(checkout, stage)
    try:
        report = stage.perform(demonstration.steps())
    finally:
        demonstration.stop()
    report.write(checkout.demo_report / "summary.json")
    console.print(report.table())
    console.print(f"Report: {checkout.demo_report / 'summary.json'}", markup=False, soft_wrap=True)
    for step in report.steps:
        if not step.proven:
            console.print(f"Not proven: {step.name}. Its log: {step.log}", markup=False, soft_wrap=True)
    return report


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
