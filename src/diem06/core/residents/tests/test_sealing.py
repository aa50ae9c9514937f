from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diem06.core.residents import sealing
from diem06.core.residents.sealing import SealError, add_key, digest, open_sealed, seal


@pytest.fixture(autouse=True)
def _own_ring(tmp_path, settings):
    settings.DIEM06_DATA = tmp_path
    sealing._ring.cache_clear()
    yield
    sealing._ring.cache_clear()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.text(max_size=200), st.text(max_size=40))
def test_what_was_sealed_is_opened_in_its_own_place_alone(text, context):
    sealed = seal(text, context=context)
    assert open_sealed(sealed, context=context) == text
    with pytest.raises(SealError):
        open_sealed(sealed, context=context + "x")


def test_one_changed_bit_anywhere_is_noticed():
    sealed = seal("024090000001", context="visit:1")
    for place in range(2, len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(SealError):
            open_sealed(changed, context="visit:1")


def test_old_seals_are_opened_after_a_new_key_and_digests_stay():
    old, found_by = seal("A", context="c"), digest("024090000001")
    assert add_key() == 2
    new = seal("A", context="c")
    assert (old[:2], new[:2]) == (b"\x00\x01", b"\x00\x02")
    assert open_sealed(old, context="c") == open_sealed(new, context="c") == "A"
    assert digest("024090000001") == found_by


def test_the_ring_is_its_owners_alone(tmp_path):
    seal("A", context="c")
    assert (tmp_path / "sealing-keys.json").stat().st_mode & 0o077 == 0


def test_a_seal_of_another_deployment_is_not_opened(tmp_path):
    sealed = seal("A", context="c")
    (tmp_path / "sealing-keys.json").unlink()
    sealing._ring.cache_clear()
    with pytest.raises(SealError):
        open_sealed(sealed, context="c")


def test_threads_that_make_the_ring_at_once_get_the_same_one(tmp_path):
    """The first scan of a new deployment comes from several gates at once."""
    for attempt in range(20):
        file = tmp_path / f"ring-{attempt}.json"
        with ThreadPoolExecutor(8) as pool:
            rings = list(pool.map(sealing._ring.__wrapped__, [file] * 8))
        assert all(ring == rings[0] for ring in rings)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json"}
