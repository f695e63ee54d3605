"""Policies managed by AWS that SAM attaches and the emulator lacks.

The emulator can invent missing ones, but gives them `Allow * on *`, which would switch enforcement off for every traced
function. So the setting stays off, and the one policy that is missing stands here as AWS publishes it.
"""

import json

from ministack.services import iam

# AWS managed policy reference, "AWSXrayWriteOnlyAccess".
_XRAY_WRITE_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "xray:PutTraceSegments",
                "xray:PutTelemetryRecords",
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:GetSamplingStatisticSummaries",
            ],
            "Resource": ["*"],
        }
    ],
}


def install() -> None:
    """Register the policy that active tracing attaches to a function's role."""
    record = iam._make_aws_managed_record(
        "AWSXrayWriteOnlyAccess", json.dumps(_XRAY_WRITE_ONLY), "Write only access to the AWS X-Ray service"
    )
    iam._aws_managed_policies[record["Arn"]] = record
