"""The lake of the served demo: its cycle makes it, its checks hold, and nothing in it says who somebody is. No page of it is opened."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.browser.site import Site
from tests.server import PATIENCE_SECONDS, python

TWELVE_DIGITS = re.compile(r"(?=(\d{12}))")
PEOPLE = """
import json
from diem06.core.organisation.models import User
from diem06.core.residents.sealing import open_sealed
from diem06.pilots.heritage_sites.models import Visit
identities = [
    json.loads(open_sealed(bytes(visit.sealed), context=visit.seal_context)) for visit in Visit.objects.exclude(sealed=None)
]
print(json.dumps({
    "names": sorted({each["name"] for each in identities if each["name"]} | set(User.objects.values_list("full_name", flat=True))),
    "numbers": sorted({each["number"] for each in identities}),
    "digests": sorted(set(Visit.objects.exclude(digest="").values_list("digest", flat=True))),
}))
"""


@pytest.fixture(scope="module")
def lake(site: Site) -> Path:
    """The folder of the lake, once the cycle beside the server has made it."""
    manifest = site.data / "lake/manifest.json"
    until = time.monotonic() + PATIENCE_SECONDS
    while not manifest.exists():
        assert time.monotonic() < until, (site.data / "serve.log").read_text()[-2000:]
        time.sleep(0.1)
    return manifest.parent


def words_of(file: Path) -> set[str]:
    """Return every text in every column of a file."""
    table = pq.read_table(file)
    return {
        value
        for column in table.columns
        if pa.types.is_string(column.type)
        for value in column.unique().to_pylist()
        if value
    }


def test_no_column_of_the_lake_tells_who_somebody_is(site: Site, lake: Path) -> None:
    """No citizen number of the demo's visitors, no digest of one, no name of theirs or of a person at work."""
    people: dict[str, Any] = json.loads(python(site.data, PEOPLE))
    assert len(people["numbers"]) > 100
    assert len(people["names"]) > 100
    files = list(lake.rglob("*.parquet"))
    assert len(files) > 100
    words = set[str]().union(*map(words_of, files))
    text = "\n".join(sorted(words))
    assert "heritage_site:" in text
    assert set(people["numbers"]).isdisjoint(TWELVE_DIGITS.findall(text))
    assert set(people["numbers"]).isdisjoint(words)
    assert [name for name in people["names"] if name in text] == []
    assert [digest for digest in people["digests"] if digest in text] == []


def test_the_checks_hold_for_the_demo(site: Site, lake: Path) -> None:
    assert "FAIL" not in site.run("lake", "check")
    assert "rows" in site.run("lake", "status")
