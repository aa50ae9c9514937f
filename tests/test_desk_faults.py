"""What a desk was told is stored is there, once: the server is killed while desks send. `make soak` does it for longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from soak.desk import soak
from tests.server import python

SET_UP = """
from datetime import date
from django.conf import settings
from diem06.core.places.models import Place, PlaceTerm
now = settings.DIEM06_CLOCK()
site = Place.objects.create(kind="heritage_site", code="suoi-mo", valid_from=date(2020, 1, 1))
gate = Place.objects.create(kind="heritage_gate", code="suoi-mo-c1", valid_from=date(2020, 1, 1), parent=site)
for place in (site, gate):
    PlaceTerm.objects.create(
        place=place, from_day=date(2020, 1, 1), name="Suối Mỡ", search_key="suoi mo", sort_key="suoi mo", area_code="218",
        area_valid_from=date(2020, 1, 1), unit_code="ubnd-luc-nam", recorded_at=now,
    )
"""


def test_kill_9_while_desks_send_loses_and_doubles_nothing(
    copy_migrated: Callable[[Path], Path], tmp_path: Path
) -> None:
    """Six desks, one kill: every acknowledged scan is there once, no number is missing, the audit chain holds."""
    copy_migrated(tmp_path)
    python(tmp_path, SET_UP)
    said, is_good = soak(tmp_path, desks=6, seconds=1.5, kill_every=1.5)
    assert is_good, said
