"""What the codes mean that Lambda answers an invocation with (Lambda API reference, Invoke), and EC2 a revocation."""

from collections.abc import Mapping
from types import MappingProxyType

from rds_operations.domain.errors import NotFoundError, OperationsError, RefusedError, RetryableError

_INVOKE: tuple[tuple[type[OperationsError], str, tuple[str, ...]], ...] = (
    (
        RetryableError,
        "the function is not ready",
        (
            *("ResourceNotReadyException", "ResourceConflictException", "NoPublishedVersionException"),
            *("SnapStartTimeoutException", "SnapStartNotReadyException", "SnapStartException"),
            "SnapStartRegenerationFailureException",
        ),
    ),
    (
        RetryableError,
        "the function got no network interface in its subnets",
        (
            *("EC2ThrottledException", "EC2UnexpectedException", "ENINotReadyException"),
            *("ENILimitReachedException", "SubnetIPAddressLimitReachedException"),
        ),
    ),
    (RetryableError, "AWS had a fault of its own", ("ServiceException",)),
    (
        RetryableError,
        "the function's file system could not be mounted",
        (
            *("EFSMountConnectivityException", "EFSMountTimeoutException", "EFSIOException"),
            *("S3FilesMountConnectivityException", "S3FilesMountTimeoutException"),
        ),
    ),
    (
        RefusedError,
        "the function's file system could not be mounted",
        ("EFSMountFailureException", "S3FilesMountFailureException"),
    ),
    (RefusedError, "the function's subnets or security groups are gone", ("InvalidSubnetIDException",)),
    (RefusedError, "the function's subnets or security groups are gone", ("InvalidSecurityGroupIDException",)),
    (RefusedError, "was denied", ("EC2AccessDeniedException", "KMSAccessDeniedException")),
    (
        RefusedError,
        "the key that encrypts it cannot be used",
        ("KMSDisabledException", "KMSInvalidStateException", "KMSNotFoundException"),
    ),
    (
        RefusedError,
        "the function's code cannot be run",
        (
            *("InvalidRuntimeException", "InvalidZipFileException", "CodeArtifactUserDeletedException"),
            *("CodeArtifactUserFailedException", "CodeArtifactUserPendingException"),
        ),
    ),
    (
        RefusedError,
        "AWS does not take what was sent",
        (
            *("InvalidParameterValueException", "InvalidRequestContentException", "RequestTooLargeException"),
            *("SerializedRequestEntityTooLargeException", "UnsupportedMediaTypeException", "ModeNotSupportedException"),
            *("RecursiveInvocationException", "DurableExecutionAlreadyStartedException"),
        ),
    ),
    (RefusedError, "a quota of Lambda is used up", ("ServiceQuotaExceededException",)),
)
# botocore declares no errors of EC2's; these are in "Error codes for the Amazon EC2 API".
_REVOKE: tuple[tuple[type[OperationsError], str, tuple[str, ...]], ...] = (
    (NotFoundError, "there is no such security group", ("InvalidGroup.NotFound", "InvalidGroupId.Malformed")),
    (
        NotFoundError,
        "there is no such rule",
        ("InvalidSecurityGroupRuleId.NotFound", "InvalidSecurityGroupRuleId.Malformed", "InvalidPermission.NotFound"),
    ),
    (RetryableError, "AWS had a fault of its own", ("Unavailable",)),
    (RefusedError, "AWS does not take what was sent", ("MissingParameter", "InvalidPaginationToken")),
)

INVOCATION_AND_GROUP_MEANINGS: Mapping[str, tuple[type[OperationsError], str]] = MappingProxyType(
    {code: (kind, words) for kind, words, codes in (*_INVOKE, *_REVOKE) for code in codes}
)
"""Error code to the kit's error and what it means in words; part of `aws_errors.MEANINGS`."""
