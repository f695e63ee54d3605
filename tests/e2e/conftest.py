"""One deployed stack for the whole suite, in a folder of its own: what `make up` started is left alone."""

from collections.abc import Iterator

import pytest

from local.checkout import Checkout
from local.demo.scene import Scene
from local.lifecycle import Lifecycle, one_at_a_time

CHECKOUT = Checkout.of_tests()


def _say(what: str) -> None:
    """Progress would only disturb the test runner's own."""


@pytest.fixture(scope="session")
def checkout() -> Checkout:
    return CHECKOUT


@pytest.fixture(scope="session")
def lifecycle() -> Iterator[Lifecycle]:
    lifecycle = Lifecycle(CHECKOUT, _say)
    with one_at_a_time(CHECKOUT.lock):
        lifecycle.down()
        try:
            lifecycle.up()
            yield lifecycle
        finally:
            lifecycle.down()


@pytest.fixture(scope="session")
def scene(lifecycle: Lifecycle) -> Scene:
    return Scene.of(CHECKOUT, lifecycle.environment(), lifecycle.cluster)
