"""The demonstration from nothing to nothing: everything is started, shown and stopped again."""

import shutil
from dataclasses import replace

from botocore.exceptions import ClientError
from rich.console import Console

from local.aws.server import PROCESS, LocalAws
from local.checkout import Checkout
from local.demo import alarm, database, failover, metrics, snapshots
from local.demo.report import DemoReport
from local.demo.scene import Scene, scalar
from local.demo.stage import Stage, Step
from local.errors import LocalError
from local.interruptions import undisturbed
from local.lifecycle import Lifecycle
from local.stack import cause_of


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
            Step("The deployment left a database that works", lambda: database.show_database(self.scene), deploy_log),
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
        if self._checkout.logs.exists():
            shutil.copytree(self._checkout.logs, kept, dirs_exist_ok=True)
        for log in self._checkout.local.glob("postgres/*/log"):
            shutil.copytree(log, kept / log.parent.name, dirs_exist_ok=True)
        self._lifecycle.down()

    def _start_database(self) -> str:
        self._lifecycle.down()
        self._lifecycle.start_database()
        cluster = self._lifecycle.cluster
        with cluster.connect_as_superuser() as connection:
            version = scalar(connection, "SHOW server_version")
        if not cluster.is_in_sync():
            raise LocalError("the standby is not in sync with the primary")
        return f"PostgreSQL {version}, the standby in sync, behind {cluster.writer.host}"

    def _start_aws(self) -> str:
        self._aws = self._lifecycle.start_aws()
        return f"{self._aws.endpoint_url}; a key that nobody has is answered with {_refusal(self._aws)}"

    def _build(self) -> str:
        self._lifecycle.build()
        built = self._checkout.root / ".aws-sam" / "build"
        functions, layers = (len(list(built.glob(pattern))) for pattern in ("**/*Function/app.py", "*Layer/python"))
        written = len(list(self._checkout.root.glob("functions/*/app.py")))
        if functions != written:
            raise LocalError(f"{functions} functions were built instead of {written}")
        return f"{functions} functions, {layers} layers"

    def _deploy(self) -> str:
        if self._aws is None:
            raise LocalError("the local AWS is not up")
        environment = self._lifecycle.deploy(self._aws)
        self._scene = Scene.of(self._checkout, environment, self._lifecycle.cluster)
        stack = self._scene.stack
        functions = len(stack.functions)
        return f"{environment.stack_name}: {len(stack)} resources, {functions} functions under their own policies"

    def _show_quiet_end(self) -> str:
        refused = [line for line in self._log_of_aws() if "was denied" in line]
        if refused:
            raise LocalError(f"the local AWS refused a service: {refused[0]}")
        functions = self.scene.stack.functions
        for function in functions:
            self.scene.refuse_denials(function)
            letters = self.scene.stack.dead_letters(function)
            if letters:
                raise LocalError(f"{function} gave up: {cause_of(letters[0])}")
        return f"{len(functions)} functions: no denial in their logs, no letter in their dead-letter queues"

    def _log_of_aws(self) -> list[str]:
        return (self._checkout.logs / f"{PROCESS}.log").read_text(encoding="utf-8", errors="replace").splitlines()


def run_demo(checkout: Checkout, console: Console) -> DemoReport:
    """Run every step, print the summary, write it to build/demo/summary.json, and stop everything, come what may."""
    stage = Stage(console, (str(checkout.logs), str(checkout.demo_report / "logs")))
    if checkout.demo_report.exists():
        shutil.rmtree(checkout.demo_report)
    demonstration = Demonstration(checkout, stage)
    try:
        report = stage.perform(demonstration.steps())
    finally:
        with undisturbed():
            demonstration.stop()
    report.write(checkout.demo_report / "summary.json")
    console.print(report.table())
    console.print(f"Report: {checkout.demo_report / 'summary.json'}", markup=False, soft_wrap=True)
    for step in report.steps:
        if not step.proven:
            console.print(f"Not proven: {step.name}. Its log: {step.log}", markup=False, soft_wrap=True)
    return report


def _refusal(aws: LocalAws) -> str:
    """Return how the local AWS refuses a key that nobody has.

    Raises:
        LocalError: it did not refuse it.
    """
    try:
        replace(aws, access_key_id=f"AKIA{'X' * 16}").rds.describe_db_instances()
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise LocalError("the local AWS took a key that nobody has: IAM is not enforced")
