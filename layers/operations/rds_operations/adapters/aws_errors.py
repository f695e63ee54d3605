"""Translates botocore's errors into the kit's own, so that nothing foreign crosses an adapter.

The meaning of a code is what the caller does next. Codes are those that botocore's service models declare for the
operations used, and those that AWS documents for every service ("Common Errors" of the API references). RDS codes
lack the suffix "Fault" that botocore's exception classes have.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from botocore import exceptions as botocore_errors
from botocore.exceptions import BotoCoreError, ClientError

from rds_operations.adapters.invocation_errors import INVOCATION_AND_GROUP_MEANINGS
from rds_operations.domain.errors import (
    AlreadyExistsError,
    ConfigurationError,
    NotFoundError,
    OperationsError,
    RefusedError,
    RetryableError,
)

type Meaning = tuple[type[OperationsError], str]

_SERVER_ERROR_STATUS = 500
_DENIED = "was denied"
_UNREACHED = (
    botocore_errors.ConnectionError,
    botocore_errors.HTTPClientError,
    botocore_errors.IncompleteReadError,
    botocore_errors.CredentialRetrievalError,
)
_MISCONFIGURED = (
    botocore_errors.NoCredentialsError,
    botocore_errors.PartialCredentialsError,
    botocore_errors.NoRegionError,
    botocore_errors.ProfileNotFound,
)


def _each(error: type[OperationsError], words: str, *codes: str) -> dict[str, Meaning]:
    return dict.fromkeys(codes, (error, words))


MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        **_each(NotFoundError, "there is no such DB instance", "DBInstanceNotFound"),
        **_each(NotFoundError, "there is no such DB snapshot", "DBSnapshotNotFound"),
        **_each(NotFoundError, "there is no such topic", "NotFound"),
        **_each(NotFoundError, "there is no such secret or function", "ResourceNotFoundException"),
        # AddTagsToResource declares those of every kind of resource that can have tags.
        **_each(
            NotFoundError,
            "there is no such resource",
            *("DBClusterNotFoundFault", "DBProxyNotFoundFault", "DBProxyEndpointNotFoundFault"),
            *("DBProxyTargetGroupNotFoundFault", "DBShardGroupNotFound", "BlueGreenDeploymentNotFoundFault"),
            *("IntegrationNotFoundFault", "TenantDatabaseNotFound", "DBSnapshotTenantDatabaseNotFoundFault"),
        ),
        **_each(
            RetryableError,
            "the DB cluster is in a state that forbids it",
            *("InvalidDBClusterStateFault", "InvalidDBClusterEndpointStateFault"),
        ),
        **_each(AlreadyExistsError, "a DB snapshot of that name exists", "DBSnapshotAlreadyExists"),
        **_each(RetryableError, "the DB instance is in a state that forbids it", "InvalidDBInstanceState"),
        **_each(RetryableError, "the DB snapshot is in a state that forbids it", "InvalidDBSnapshotState"),
        **_each(RetryableError, "the quota of manual DB snapshots is full", "SnapshotQuotaExceeded"),
        **_each(
            RetryableError,
            "AWS throttled the call",
            *(
                "Throttled",
                "Throttling",
                "ThrottlingException",
                "ThrottledException",
                "RequestThrottled",
                "RequestThrottledException",
            ),
            *(
                "RequestLimitExceeded",
                "TooManyRequestsException",
                "SlowDown",
                "LimitExceededException",
                "KMSThrottling",
            ),
        ),
        **_each(
            RetryableError,
            "AWS had a fault of its own",
            *("InternalFailure", "InternalError", "InternalServiceError", "InternalServiceErrorException"),
            *("ServiceUnavailable", "ServiceUnavailableException", "RequestTimeout", "RequestTimeoutException"),
        ),
        **_each(
            RetryableError,
            "the credentials have expired, the next run has new ones",
            *("ExpiredToken", "ExpiredTokenException", "RequestExpired"),
        ),
        **_each(
            RefusedError,
            _DENIED,
            *("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"),
            *("NotAuthorized", "KMSAccessDenied", "InvalidSecurity", "OptInRequired", "KMSOptInRequired"),
            *("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "IncompleteSignature"),
            *("MissingAuthenticationToken", "InvalidSignatureException"),
        ),
        **_each(
            RefusedError,
            "the key that encrypts it cannot be used",
            *("KMSDisabled", "KMSInvalidState", "KMSNotFound", "DecryptionFailure"),
        ),
        **_each(
            RefusedError,
            "AWS does not take what was sent",
            *("InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid", "InvalidParameterException"),
            *("InvalidParameterCombination", "InvalidRequestException", "ValidationError", "ValidationException"),
            *("InvalidNextToken", "InvalidAction", "EndpointDisabled", "PlatformApplicationDisabled"),
        ),
        **INVOCATION_AND_GROUP_MEANINGS,
    }
)
"""Error code to the kit's error and what it means in words."""


@contextmanager
def translating(doing: str) -> Iterator[None]:
    """Raise the kit's own error for every error of botocore in the block.

    Args:
        doing: What the block does and on what, e.g. `deleting snapshot langpont-manual-20261123-180000`.

    Raises:
        OperationsError: see `translated`.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise translated(error, doing) from error


def translated(error: ClientError | BotoCoreError, doing: str) -> OperationsError:
    """Return the kit's error for one of botocore's; an unknown code is retryable only where AWS says it is at fault.

    Args:
        error: What botocore raised.
        doing: What was being done and on what.
    """
    if isinstance(error, ClientError):
        return _of_answer(error, doing)
    if isinstance(error, _UNREACHED):
        return RetryableError(f"{doing} failed: AWS could not be reached ({type(error).__name__}: {error})")
    if isinstance(error, _MISCONFIGURED):
        return ConfigurationError(f"{doing} failed: the AWS client is misconfigured ({type(error).__name__}: {error})")
    return RefusedError(f"{doing} failed in the AWS client ({type(error).__name__}: {error})")


def _of_answer(error: ClientError, doing: str) -> OperationsError:
    code = error.response.get("Error", {}).get("Code", "Unknown")
    message = error.response.get("Error", {}).get("Message", "no message")
    kind, words = MEANINGS.get(code) or _meaning_of_unknown(error)
    if words == _DENIED:
        return kind(f"{doing} was denied: {message} ({code})")
    return kind(f"{doing} failed: {words} ({code}: {message})")


def _meaning_of_unknown(error: ClientError) -> Meaning:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status >= _SERVER_ERROR_STATUS:
        return RetryableError, "AWS had a fault of its own"
    return RefusedError, "AWS refused it"
