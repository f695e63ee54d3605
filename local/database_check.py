"""`make check-database` and `make set-up-database`: ask the deployed functions, which reach the database, and tell."""

import json
from collections.abc import Callable
from typing import Any

from botocore.config import Config

from local.errors import LocalError
from local.redrive.places import Place
from local.redrive.queues import deployed_resources, in_words

type Say = Callable[[str], None]

CHECK, SET_UP = "CheckDatabaseFunction", "SetUpDatabaseFunction"
READ_TIMEOUT_SECONDS = 170
"""Longer than the set-up may take (SetUpDatabaseFunction's timeout: 150 s); a second attempt would run it twice."""

_BY_HAND = "docs/database-roles.md says what to run by hand"


def check_database(place: Place, say: Say) -> bool:
    """Have the database checked, say what was found, and return whether all is as it should be.

    Args:
        place: The deployment.
        say: Told the lines.

    Raises:
        LocalError: there is no such deployment, or the function failed.
    """
    answer = invoke(place, CHECK)
    for found in answer["differences"]:
        say(f"{found['name']}: {found['actual']}, should be {found['expected']}. {found['meaning']}")
    if answer["not_shown"]:
        say(f"Not shown by this server, which is not RDS's: {', '.join(answer['not_shown'])}")
    differing = len(answer["differences"])
    say(f"Checked: {answer['checked']}, as they should be: {answer['checked'] - differing}, differing: {differing}.")
    return not differing


def set_up_database(place: Place, say: Say) -> None:
    """Have the database set up and say what that changed; arguments and errors as `check_database`."""
    answer = invoke(place, SET_UP)
    for step in answer["steps"]:
        if step["outcome"] != "unchanged":
            say(f"{step['step']}: {step['detail']}")
    for table in answer["waiting_for"]:
        say(f"{table} is not there yet: run this again once the application has made it")
    say(f"Steps changed: {answer['changed']}, as they should be before: {answer['unchanged']}.")


def invoke(place: Place, logical_id: str) -> dict[str, Any]:
    """Invoke a function of a deployment with an empty object and return its answer.

    Args:
        place: The deployment.
        logical_id: The function's name in the template.

    Raises:
        LocalError: the deployment or the function is not there, the function failed, or AWS could not be asked.
    """
    waiting = Config(read_timeout=READ_TIMEOUT_SECONDS, retries={"mode": "standard", "total_max_attempts": 1})
    with in_words(f"invoking {logical_id} of stack {place.stack_name}"):
        cloudformation = place.session.client("cloudformation", endpoint_url=place.endpoint_url)
        functions = place.session.client("lambda", endpoint_url=place.endpoint_url, config=waiting)
        name = deployed_resources(cloudformation, place.stack_name).get(logical_id)
        if name is None:
            raise LocalError(f"stack {place.stack_name} has no {logical_id}; {_BY_HAND}")
        answer = functions.invoke(FunctionName=name, Payload=b"{}")
        content: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise LocalError(f"{logical_id} failed: {content.get('errorMessage', content.get('errorType', 'no message'))}")
    return content
