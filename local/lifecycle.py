"""Up and down: the cluster, the local AWS, the deployed stack, and the file that describes them."""

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from local import alerts, deployment
from local.aws import server
from local.aws.server import LocalAws
from local.checkout import Checkout
from local.environment import Environment, PoolerAccess
from local.errors import LocalError
from local.instances import ENDPOINT_NAMES, describe_access
from local.locks import exclusive
from local.pooler.deployed import read_upstreams
from local.pooler.program import require_pgbouncer
from local.pooler.running import LocalPooler
from local.postgres.cluster import Cluster
from local.processes import Processes
from local.redrive.places import Place, embedded_place

type Say = Callable[[str], None]

_LOCK_DEADLINE_SECONDS = 5.0
_MAILBOX_TOPICS = ("AlertsTopicArn", "AutomationAlarmsTopicArn")


class Lifecycle:
    """Starts and stops the embedded environment of one checkout.

    Args:
        checkout: Whose.
        say: Told what is being done, in words.
    """

    def __init__(self, checkout: Checkout, say: Say) -> None:
        self._checkout = checkout
        self._say = say
        self._processes = Processes(checkout.local)
        self.cluster = Cluster(checkout.local, say)

    def up(self) -> Environment:
        """Bring everything up, with the present code deployed; harmless when it is up.

        Raises:
            LocalError: something cannot be started or deployed; what runs is left for `down` or the next `up`.
        """
        self.start_database()
        aws = self.start_aws()
        self.build()
        return self.deploy(aws)

    def start_database(self) -> None:
        """Bring the cluster up; an environment that is only half there is cleared away first.

        The local AWS holds the cluster's ports: one without the other is of no use.
        """
        if self._aws_runs():
            port = self.environment().postgres.primary.port
            self.cluster.up(ENDPOINT_NAMES)
            if self.cluster.writer.port == port:
                return
            self._say("The database had to be made anew, and so has everything else")
        elif self._checkout.environment_file.exists():
            self._say("Local AWS had ended: the database is made anew, and its data are gone")
        self.down()
        self.cluster.up(ENDPOINT_NAMES)

    def start_aws(self) -> LocalAws:
        """Start the local AWS, or return the one that runs."""
        if self._processes.is_alive(server.PROCESS):
            return aws_of(self.environment())
        aws = server.start(self._checkout, self._processes)
        self._say(f"Local AWS: answers at {aws.endpoint_url}")
        return aws

    def build(self) -> None:
        """Build the application."""
        self._say("SAM: building")
        deployment.build(self._checkout)

    def deploy(self, aws: LocalAws) -> Environment:
        """Deploy the application, which sets the database up, and describe the environment."""
        self._say("SAM: deploying template.yaml with its nested stacks")
        deployed = deployment.deploy(self._checkout, aws, self.cluster.folders.ca_bundle)
        environment = Environment(
            endpoint_url=aws.endpoint_url,
            region=server.REGION,
            stack_name=deployed.stack_name,
            aws_access_key_id=aws.access_key_id,
            aws_secret_access_key=aws.secret_access_key,
            alerts_queue_url=alerts.subscribe_queue(aws, *(deployed.outputs[name] for name in _MAILBOX_TOPICS)),
            postgres=describe_access(self.cluster),
        )
        environment = replace(environment, pgbouncer=self.start_pooler(embedded_place(environment)))
        environment.write(self._checkout.environment_file)
        return environment

    def down(self) -> None:
        """Stop everything of this checkout and remove its data; harmless when there is nothing."""
        self._processes.stop_leftovers()
        self.cluster.down()
        if self._checkout.local.exists():
            shutil.rmtree(self._checkout.local)

    def environment(self) -> Environment:
        """Return the environment that is up.

        Raises:
            LocalError: nothing is up.
        """
        if not self._checkout.environment_file.exists():
            raise LocalError("the embedded environment is not up; start it with `make up`")
        return Environment.read(self._checkout.environment_file)

    def start_pooler(self, place: Place) -> PoolerAccess | None:
        """Start PgBouncer with what the deployment has made; where there is no PgBouncer, say so and return None.

        Raises:
            LocalError: it is there, and does not start.
        """
        try:
            program = require_pgbouncer()
        except LocalError as error:
            self._say(f"No pooler: {error}; everything else runs without it")
            return None
        before = self.environment().pgbouncer if self._checkout.environment_file.exists() else None
        pooler = LocalPooler(self._checkout.local, program)
        access = pooler.ensure(read_upstreams(place), before.port if before else None)
        self._say(f"PgBouncer: {program.version} is ready on port {access.port}")
        return access

    def _aws_runs(self) -> bool:
        return self._checkout.environment_file.exists() and self._processes.is_alive(server.PROCESS)


def aws_of(environment: Environment) -> LocalAws:
    """Return the local AWS of an environment."""
    return LocalAws(environment.endpoint_url, environment.aws_access_key_id, environment.aws_secret_access_key)


def one_at_a_time(lock: Path) -> AbstractContextManager[None]:
    """Let one command at a time start or stop the environment.

    Raises:
        LocalError: another command of this checkout is at it.
    """
    busy = "another `make up`, `down`, `demo` or `test` of this checkout is under way; wait for it"
    return exclusive(lock, busy, deadline_seconds=_LOCK_DEADLINE_SECONDS)
