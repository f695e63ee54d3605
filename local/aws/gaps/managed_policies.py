"""Policies managed by AWS that the stack attaches and the emulator lacks.

The emulator can invent missing ones, but gives them `Allow * on *`, which would switch enforcement off for every traced
function. So the setting stays off, and the policies that are missing stand here as AWS publishes them.
"""

import json
from typing import Any

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

# AWS managed policy reference, "AmazonRDSEnhancedMonitoringRole".
_RDS_ENHANCED_MONITORING = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
            "Resource": ["arn:aws:logs:*:*:log-group:RDS*"],
        },
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:GetLogEvents"],
            "Resource": ["arn:aws:logs:*:*:log-group:RDS*:log-stream:*"],
        },
    ],
}


def install() -> None:
    """Register what active tracing attaches to a function's role, and what RDS's monitoring needs."""
    _register("AWSXrayWriteOnlyAccess", _XRAY_WRITE_ONLY, "Write only access to the AWS X-Ray service")
    _register(
        "service-role/AmazonRDSEnhancedMonitoringRole", _RDS_ENHANCED_MONITORING, "Enhanced monitoring of RDS instances"
    )


def _register(name: str, document: dict[str, Any], description: str) -> None:
    record = iam._make_aws_managed_record(name, json.dumps(document), description)
    iam._aws_managed_policies[record["Arn"]] = record
