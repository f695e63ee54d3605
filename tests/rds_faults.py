"""RDS as it misbehaves: a client that gives scripted answers, and the faults that any call can meet."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber

from rds_operations.domain.errors import OperationsError, RefusedError, RetryableError

if TYPE_CHECKING:
    from mypy_boto3_rds import RDSClient


@dataclass(frozen=True)
class Fault:
    """One way for a call to fail: RDS's code and status, or no answer at all; and what the kit makes of it."""

    code: str
    status: int
    becomes: type[OperationsError]
    words: str


NO_ANSWER = "no answer"
ANY_CALL = (
    Fault("Throttling", 400, RetryableError, "AWS throttled the call"),
    Fault("AccessDenied", 403, RefusedError, "was denied: not authorized"),
    Fault("ExpiredToken", 403, RetryableError, "the credentials have expired"),
    Fault("InternalFailure", 500, RetryableError, "AWS had a fault of its own"),
    Fault(NO_ANSWER, 0, RetryableError, "AWS could not be reached"),
)
WRONG_STATE = Fault("InvalidDBSnapshotState", 400, RetryableError, "the DB snapshot is in a state that forbids it")

type Answer = tuple[str, Mapping[str, Any] | Fault]


@contextmanager
def answering(client: "RDSClient", *answers: Answer) -> Iterator[None]:
    """Give these answers, in this order, and no others; every one of them has to be asked for."""
    stubber = Stubber(client)
    awaited = iter(answers)

    def time_out_where_no_answer_is_due(**_: Any) -> None:
        given = next(awaited, ("", {}))[1]
        if isinstance(given, Fault) and given.code == NO_ANSWER:
            raise ReadTimeoutError(endpoint_url="https://rds.example")

    for operation, answer in answers:
        if not isinstance(answer, Fault):
            stubber.add_response(operation, dict(answer))
        elif answer.code != NO_ANSWER:
            stubber.add_client_error(operation, answer.code, "not authorized", answer.status)
    # This event comes before those that the stub answers at.
    client.meta.events.register("provide-client-params.rds", time_out_where_no_answer_is_due)
    with stubber:
        yield
    stubber.assert_no_pending_responses()
    client.meta.events.unregister("provide-client-params.rds", time_out_where_no_answer_is_due)
    assert not list(awaited), "fewer calls were made than answers were prepared"
