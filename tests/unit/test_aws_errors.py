"""Every error that AWS can answer with has a meaning for the caller."""

import botocore.session
import pytest
from botocore import exceptions as botocore_errors
from botocore.exceptions import BotoCoreError, ClientError

from generators.service_models import operations_used
from rds_operations.adapters.aws_errors import MEANINGS, translated, translating
from rds_operations.domain.errors import (
    AlreadyExistsError,
    ConfigurationError,
    NotFoundError,
    OperationsError,
    RefusedError,
    RetryableError,
)
from tests.functions import FUNCTIONS
from tests.whole_tables import for_each

ROOT = FUNCTIONS.parent
DOING = "deleting snapshot langpont-manual-1"


def declared_codes() -> list[str]:
    session = botocore.session.get_session()
    models = [(session.get_service_model(service), names) for service, names in operations_used(ROOT).items()]
    shapes = [shape for model, names in models for name in names for shape in model.operation_model(name).error_shapes]
    return sorted({shape.metadata.get("error", {}).get("code") or shape.name for shape in shapes})


def answer(code: str, message: str = "said AWS", status: int = 400) -> ClientError:
    metadata = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "DeleteDBSnapshot")  # type: ignore[typeddict-item]


@for_each("code", declared_codes())
def test_error_that_the_service_model_declares_is_mapped(code: str) -> None:
    assert code in MEANINGS


@for_each(
    ("code", "error"),
    [
        ("DBInstanceNotFound", NotFoundError),
        ("DBSnapshotNotFound", NotFoundError),
        ("DBSnapshotAlreadyExists", AlreadyExistsError),
        ("ConflictException", AlreadyExistsError),
        ("InternalServerException", RetryableError),
        ("InvalidDBInstanceState", RetryableError),
        ("InvalidDBSnapshotState", RetryableError),
        ("SnapshotQuotaExceeded", RetryableError),
        ("Throttling", RetryableError),
        ("ThrottlingException", RetryableError),
        ("ExpiredToken", RetryableError),
        ("ExpiredTokenException", RetryableError),
        ("InternalFailure", RetryableError),
        ("AccessDenied", RefusedError),
        ("AccessDeniedException", RefusedError),
        ("InvalidClientTokenId", RefusedError),
        ("ResourceNotReadyException", RetryableError),
        ("EC2ThrottledException", RetryableError),
        ("EC2AccessDeniedException", RefusedError),
        # EC2's model declares none; these are in its list of error codes.
        ("InvalidGroup.NotFound", NotFoundError),
        ("InvalidSecurityGroupRuleId.NotFound", NotFoundError),
        ("RequestLimitExceeded", RetryableError),
        ("UnauthorizedOperation", RefusedError),
        ("Unavailable", RetryableError),
    ],
)
def test_code_says_what_the_caller_does_next(code: str, error: type[OperationsError]) -> None:
    assert type(translated(answer(code), DOING)) is error


def test_message_says_what_was_done_and_the_code() -> None:
    error = translated(answer("SnapshotQuotaExceeded", "Cannot create more than 100 manual snapshots"), "creating x")

    assert str(error) == (
        "creating x failed: the quota of manual DB snapshots is full "
        "(SnapshotQuotaExceeded: Cannot create more than 100 manual snapshots)"
    )


def test_denial_keeps_the_words_that_name_action_and_resource() -> None:
    words = "User: u is not authorized to perform: rds:DeleteDBSnapshot on resource: arn:aws:rds:r:1:snapshot:x"

    error = translated(answer("AccessDenied", words), DOING)

    assert str(error) == f"{DOING} was denied: {words} (AccessDenied)"


@pytest.mark.parametrize(("status", "error"), [(400, RefusedError), (403, RefusedError), (503, RetryableError)])
def test_unknown_code_is_retryable_only_where_aws_is_at_fault(status: int, error: type[OperationsError]) -> None:
    assert type(translated(answer("BrandNew", status=status), DOING)) is error


@pytest.mark.parametrize(
    ("foreign", "error"),
    [
        (botocore_errors.EndpointConnectionError(endpoint_url="https://x"), RetryableError),
        (botocore_errors.ConnectTimeoutError(endpoint_url="https://x"), RetryableError),
        (botocore_errors.ReadTimeoutError(endpoint_url="https://x"), RetryableError),
        (botocore_errors.ConnectionClosedError(endpoint_url="https://x"), RetryableError),
        (botocore_errors.SSLError(endpoint_url="https://x", error=OSError("bad certificate")), RetryableError),
        (botocore_errors.CredentialRetrievalError(provider="x", error_msg="y"), RetryableError),
        (botocore_errors.NoCredentialsError(), ConfigurationError),
        (botocore_errors.NoRegionError(), ConfigurationError),
        (botocore_errors.ParamValidationError(report="x"), RefusedError),
    ],
)
def test_failure_without_an_answer_is_translated(foreign: BotoCoreError, error: type[OperationsError]) -> None:
    result = translated(foreign, DOING)

    assert type(result) is error
    assert str(result).startswith(f"{DOING} failed")
    assert type(foreign).__name__ in str(result)


def test_translation_keeps_its_cause() -> None:
    foreign = answer("Throttling")

    with pytest.raises(RetryableError) as caught, translating(DOING):
        raise foreign

    assert caught.value.__cause__ is foreign


def test_errors_of_our_own_pass_unchanged() -> None:
    with pytest.raises(KeyError), translating(DOING):
        raise KeyError(DOING)
