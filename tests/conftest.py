"""What every test has.

Properties are tested in fifty worlds: in continuous integration in the same ones every time, elsewhere in new ones.
HYPOTHESIS_PROFILE=ci-slow takes 10,000 new ones each.
"""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from rds_operations.adapters import aws_clients

# Rewriting the tests' assertions takes as long as running them, so what was compiled is kept; in a folder of its own,
# because what stands beside the sources of functions and layers is deployed with them.
sys.pycache_prefix = str(Path(__file__).parents[1] / "build" / "bytecode")
sys.dont_write_bytecode = False

# A busy machine is no finding: neither a deadline nor the speed of making examples is tested.
_CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", _CALM, max_examples=50, derandomize="CI" in os.environ)
settings.register_profile("ci-slow", _CALM, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def session_of_its_own() -> None:
    """A process of AWS Lambda has one environment, one of tests has many, with and without an AWS in memory."""
    aws_clients.shared_session.cache_clear()
