"""What every test has.

Properties are tested quickly by default, with HYPOTHESIS_PROFILE=ci-slow in 10,000 worlds each.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from rds_operations.adapters import aws_clients

# A busy machine is no finding: neither a deadline nor the speed of making examples is tested.
settings.register_profile("quick", deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci-slow", settings.get_profile("quick"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def session_of_its_own() -> None:
    """A process of AWS Lambda has one environment, one of tests has many, with and without an AWS in memory."""
    aws_clients.shared_session.cache_clear()
