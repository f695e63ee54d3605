"""The dead-letter queues of a deployed stack, each with the function that its letters are for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from local.errors import LocalError
from local.redrive.letters import Letter
from local.redrive.places import Place

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

ACCEPTED = 202
HIDDEN_SECONDS = 300
"""How long a letter is kept from other readers; one that is neither deleted nor released comes back after it."""

WAIT_SECONDS = 1
"""A wait makes SQS ask all of its servers; without one an answer may be empty while letters are there."""

_BATCH = 10
_GONE = "DELETE_COMPLETE"


class FunctionQueue:
    """Reads the letters of one function and invokes it again.

    Args:
        sqs: boto3's client of SQS.
        functions: boto3's client of Lambda.
        function: The function's logical id.
        function_name: Its physical name.
        url: Its dead-letter queue.
    """

    def __init__(
        self, sqs: "SQSClient", functions: "LambdaClient", *, function: str, function_name: str, url: str
    ) -> None:
        self.function = function
        self._sqs = sqs
        self._functions = functions
        self._function_name = function_name
        self._url = url

    def receive(self) -> list[Letter]:
        """Return some letters, hidden from other readers; none when there are no more.

        Raises:
            LocalError: AWS refused the call or could not be reached.
        """
        with in_words(f"reading the letters of {self.function}"):
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=_BATCH,
                MessageAttributeNames=["All"],
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
            )
        return [_letter(message) for message in answer.get("Messages", [])]

    def invoke(self, event: str) -> str:
        """Hand the event to the function, asynchronously, and return Lambda's id of the invocation.

        Raises:
            LocalError: Lambda did not accept it.
        """
        with in_words(f"invoking {self.function}"):
            answer = self._functions.invoke(
                FunctionName=self._function_name, InvocationType="Event", Payload=event.encode()
            )
        if answer["StatusCode"] != ACCEPTED:
            raise LocalError(f"invoking {self.function} was answered with {answer['StatusCode']}, not {ACCEPTED}")
        return str(answer["ResponseMetadata"].get("RequestId", ""))

    def delete(self, letter: Letter) -> None:
        """Remove the letter for good; errors as `receive`."""
        with in_words(f"deleting letter {letter.message_id} of {self.function}"):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    def release(self, letter: Letter) -> None:
        """Show the letter to other readers again; errors as `receive`."""
        with in_words(f"putting back letter {letter.message_id} of {self.function}"):
            self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)


def find_queues(place: Place) -> list[FunctionQueue]:
    """Return the dead-letter queues of a stack and of those nested in it, each with the function of its stem.

    Raises:
        LocalError: there is no such deployment, a queue has no function, or AWS could not be asked.
    """
    with in_words(f"looking into stack {place.stack_name}"):
        cloudformation = place.session.client("cloudformation", endpoint_url=place.endpoint_url)
        sqs = place.session.client("sqs", endpoint_url=place.endpoint_url)
        functions = place.session.client("lambda", endpoint_url=place.endpoint_url)
        physical_ids = deployed_resources(cloudformation, place.stack_name)
    suffix = "DeadLetterQueue"
    stems = sorted(name.removesuffix(suffix) for name in physical_ids if name.endswith(suffix))
    missing = [f"{stem}Function" for stem in stems if f"{stem}Function" not in physical_ids]
    if missing:
        raise LocalError(f"stack {place.stack_name} has dead-letter queues without {', '.join(missing)}")
    return [
        FunctionQueue(
            sqs,
            functions,
            function=f"{stem}Function",
            function_name=physical_ids[f"{stem}Function"],
            url=physical_ids[f"{stem}{suffix}"],
        )
        for stem in stems
    ]


@contextmanager
def in_words(doing: str) -> Iterator[None]:
    """Raise what goes wrong in a call of AWS as a LocalError that says what was being done."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise LocalError(f"{doing} failed: {error}") from error


def deployed_resources(cloudformation: "CloudFormationClient", stack: str) -> dict[str, str]:
    """Return the physical id of every resource of a stack and of those nested in it, by logical id.

    Raises:
        LocalError: nothing of it is there.
    """
    found = dict(_resources_of(cloudformation, stack))
    if not found:
        raise LocalError(f"there is no deployment {stack}: it was destroyed")
    return found


def _resources_of(cloudformation: "CloudFormationClient", stack: str) -> Iterator[tuple[str, str]]:
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceStatus"] == _GONE:
                continue
            physical_id = resource.get("PhysicalResourceId", "")
            yield resource["LogicalResourceId"], physical_id
            if resource["ResourceType"] == "AWS::CloudFormation::Stack":
                yield from _resources_of(cloudformation, physical_id)


def _letter(message: "MessageTypeDef") -> Letter:
    attributes = message.get("MessageAttributes", {})
    return Letter(
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        attributes={name: value.get("StringValue", "") for name, value in attributes.items()},
    )
