"""Answers CloudFormation in every case: it waits for an answer, by default for an hour.

1. Deletion succeeds without a look at anything: what these resources did stays, or goes with the thing it was done to.
2. What is wrong with settings, properties or AWS is told as a failure, in words.
3. What takes too long is told as a failure before Lambda's own timeout; it is left to its thread.
4. An answered failure is not raised: Lambda would repeat an invocation that nobody waits for any more. One that could
   not be delivered is raised: Lambda's repeats are the next attempts, with the same physical id.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import TYPE_CHECKING

from rds_operations.domain.custom_resources import CustomResourceAnswer, CustomResourceRequest, RequestType
from rds_operations.domain.errors import OperationsError
from rds_operations.ports.custom_resources import CustomResourceReplies
from rds_operations.runtime.events.custom_resource import parse_custom_resource, parse_reply_address
from rds_operations.runtime.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

ANSWER_TAKES = timedelta(seconds=15)
"""Kept for the answer: three attempts of 2 s to connect and 2 s to answer, and 1.5 s between them, take 13.5 s."""

type CarryOut = Callable[[CustomResourceRequest, timedelta], CustomResourceAnswer]


def answer_custom_resource(
    event: Mapping[str, object], context: "LambdaContext", carry_out: CarryOut, replies: CustomResourceReplies
) -> dict[str, object]:
    """Carry out what CloudFormation asks for, answer, and return what was answered.

    Args:
        event: CloudFormation's request.
        context: Lambda's, for the time that is left.
        carry_out: Does what a creation or an update asks for, in the time it is given, with nothing built before.
        replies: Delivers the answer.

    Raises:
        InvalidEventError: the event names nobody to answer.
        RetryableError: the answer could not be delivered.
        RefusedError: the answer was not taken.
    """
    reply_to = parse_reply_address(event)
    time_left = timedelta(milliseconds=context.get_remaining_time_in_millis()) - ANSWER_TAKES
    answer = _in_time(lambda: _answer(event, carry_out, time_left), time_left)
    told: dict[str, object] = {
        "request_type": event.get("RequestType"),
        "logical_resource_id": reply_to.logical_id,
        "physical_resource_id": reply_to.physical_id,
        "status": answer.status,
        "reason": answer.reason,
        "data": dict(answer.data),
    }
    if not answer.succeeded:
        logger.error("custom resource failed", extra=told)
    replies.send(answer, reply_to)
    logger.info("custom resource was answered", extra=told)
    return told


def _in_time(work: Callable[[], CustomResourceAnswer], time_left: timedelta) -> CustomResourceAnswer:
    pool = ThreadPoolExecutor(1, thread_name_prefix="custom-resource")
    future = pool.submit(work)
    done, _ = wait([future], max(time_left.total_seconds(), 0))
    pool.shutdown(wait=False, cancel_futures=True)
    if future in done:
        return future.result()
    return CustomResourceAnswer.failure(
        f"it took longer than the {time_left.total_seconds():.0f} s that there were for it"
    )


def _answer(event: Mapping[str, object], carry_out: CarryOut, time_left: timedelta) -> CustomResourceAnswer:
    if event.get("RequestType") == RequestType.DELETE:
        return CustomResourceAnswer.success("there is nothing to take back")
    try:
        return carry_out(parse_custom_resource(event), time_left)
    except OperationsError as error:
        return CustomResourceAnswer.failure(str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, CloudFormation has to be told
        # Its words may hold what no stack event should.
        logger.exception("custom resource failed unexpectedly")
        return CustomResourceAnswer.failure(f"unexpected {type(error).__name__}: the function's log has the cause")
