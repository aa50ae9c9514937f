"""The demo's devices: the same each time, and each story among them."""

from __future__ import annotations

from datetime import timedelta

from diem06.desk import demo
from diem06.desk.models import Device, Event
from diem06.desk.queries import gaps_of, is_skewed
from diem06.desk.tests.conftest import NOW


def test_demo_devices_have_their_stories(make_gate) -> None:
    """One is fast, one lacks two records, one is silent, one is withdrawn; most of what they sent was taken."""
    for number in range(6):
        make_gate(code=f"cong-{number}")
    demo.build(at=NOW, progress=lambda _words: None)
    devices = list(Device.objects.order_by("pk"))
    assert [is_skewed(device.skew_ms) for device in devices] == [False, True, False, False, False, False]
    assert [len(gaps_of(device)) for device in devices] == [0, 0, 1, 0, 0, 0]
    assert NOW - devices[demo.SILENT].last_seen_at > timedelta(days=1)
    assert devices[demo.WITHDRAWN].takes_queue
    assert Event.objects.exclude(state="rejected").count() > 100
    assert Event.objects.filter(state="rejected").exists()
    assert Event.objects.filter(occurred_at__gt=NOW).count() == 0


def test_demo_keys_come_from_the_seed() -> None:
    """A tool outside can act as a device of the demo."""
    first, second = (demo.private_key(0).private_numbers() for _each in range(2))
    assert first == second
