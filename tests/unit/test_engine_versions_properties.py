"""What holds of the engine version in every world."""

from hypothesis import assume, given
from hypothesis import strategies as st

from rds_operations.domain.engine_versions import (
    EngineVersion,
    RunningEngine,
    VersionAction,
    VersionWish,
    decide_engine_version,
)

VERSIONS = st.builds(EngineVersion, st.integers(15, 17), st.integers(0, 120))
ENGINES = st.builds(
    RunningEngine,
    st.just("langpont-dev-db"),
    VERSIONS,
    st.sampled_from(["available", "modifying", "upgrading", "storage-optimization"]),
    st.none() | VERSIONS,
)
WISHES = st.builds(VersionWish, VERSIONS, st.none() | VERSIONS)


@given(WISHES, ENGINES)
def test_nothing_older_than_what_runs_is_ever_asked_for(wish: VersionWish, running: RunningEngine) -> None:
    decision = decide_engine_version(wish, running)

    assert decision.version >= running.version
    assert decision.reason


@given(WISHES, ENGINES)
def test_major_version_is_never_changed(wish: VersionWish, running: RunningEngine) -> None:
    assert decide_engine_version(wish, running).version.major == running.newest.major


@given(WISHES, ENGINES)
def test_wanted_version_is_reached_or_refused_unless_it_is_a_rollback(
    wish: VersionWish, running: RunningEngine
) -> None:
    decision = decide_engine_version(wish, running)

    assert decision.version >= wish.wanted or wish.asks_for_nothing_newer or decision.action is VersionAction.REFUSE


@given(VERSIONS, ENGINES, VERSIONS)
def test_update_that_asks_for_nothing_newer_is_never_refused(
    wanted: EngineVersion, running: RunningEngine, other: EngineVersion
) -> None:
    wish = VersionWish(min(wanted, other), max(wanted, other))

    assert decide_engine_version(wish, running).action is not VersionAction.REFUSE


@given(st.integers(0, 120), ENGINES)
def test_same_wish_gets_the_same_version_once_it_runs(minor: int, running: RunningEngine) -> None:
    wanted = EngineVersion(running.newest.major, minor)
    first = decide_engine_version(VersionWish(wanted), running)
    assume(first.action is not VersionAction.REFUSE)
    now = RunningEngine(running.identifier, first.version, "available")

    again = decide_engine_version(VersionWish(wanted), now)

    assert again.version == first.version


@given(VERSIONS, VERSIONS)
def test_order_is_that_of_the_numbers(one: EngineVersion, other: EngineVersion) -> None:
    assert (one < other) == ((one.major, one.minor) < (other.major, other.minor))
    assert EngineVersion.parse(str(one)) == one
