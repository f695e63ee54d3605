"""Where to redrive: the embedded environment, or one on AWS as samconfig.toml names it."""

from dataclasses import dataclass

import boto3
from botocore.exceptions import BotoCoreError

from deployment.place import embedded_session
from deployment.samconfig import FILE, read_environments, read_target
from local.checkout import Checkout
from local.environment import Environment
from local.errors import LocalError


@dataclass(frozen=True, slots=True)
class Place:
    """A deployed stack, and the credentials to reach it with.

    Args:
        stack_name: The root stack.
        session: Whose credentials, in which region.
        endpoint_url: Where the embedded AWS answers; None for AWS.
    """

    stack_name: str
    session: boto3.Session
    endpoint_url: str | None = None


def embedded_place(environment: Environment) -> Place:
    """Return the stack of an embedded environment that is up."""
    session = embedded_session(
        environment.aws_access_key_id, environment.aws_secret_access_key, region=environment.region
    )
    return Place(environment.stack_name, session, environment.endpoint_url)


def place_on_aws(checkout: Checkout, environment: str) -> Place:
    """Return the stack of an environment on AWS, with the credentials of the surroundings.

    Raises:
        LocalError: samconfig.toml has no such environment, or the surroundings name credentials that do not exist.
    """
    file = checkout.root / FILE
    known = read_environments(file)
    if environment not in known:
        raise LocalError(f"there is no environment {environment!r} in {FILE}; known are {', '.join(known)}")
    target = read_target(file, environment)
    try:
        session = boto3.Session(region_name=target.region)
    except BotoCoreError as error:
        raise LocalError(f"there are no credentials for {environment}: {error}") from error
    return Place(target.stack_name, session)
