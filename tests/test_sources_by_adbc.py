"""
Each source is plain stored columns: the same query through ADBC, the driver that will stream a province's facts to Parquet,
gives the same facts as Django, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import pyarrow as pa
import pytest
from django.db import connection

from diem06.core.roster import FACT_COLUMNS, Source, installed_sources
from diem06.cube.facts import BEGINNING, read_facts
from tests.test_second_plan import DAY, declare, load, toy
from tests.toy.measures import COUNTER, FILE


def by_adbc(source: Source, first: date, last: date) -> list[dict[str, Any]]:
    """Run the source's own SQL on a connection of ADBC."""
    sql, parameters = source.facts(first, last, None).values_list(*FACT_COLUMNS).query.sql_with_params()
    # Dates and words of a source's filter are constants of the program, never a person's input.
    sql %= tuple(f"'{value}'" for value in parameters)
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        session = adbc_driver_sqlite.dbapi.connect(f"file:{settings['NAME']}?mode=ro")
    else:
        host = f"host={settings['HOST']} port={settings['PORT'] or 5432} dbname={settings['NAME']}"
        session = adbc_driver_postgresql.dbapi.connect(
            f"{host} user={settings['USER']} password={settings['PASSWORD']}"
        )
    with session, session.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetch_arrow_table().to_pylist()


def plain(row: dict[str, Any]) -> tuple[Any, ...]:
    """SQLite hands dates over as text: compare the words."""
    moment = row["recorded_at"]
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return tuple(
        moment.astimezone(UTC) if name == "recorded_at" else str(row[name]) if name != "value" else row[name]
        for name in FACT_COLUMNS
    )


@pytest.mark.django_db(transaction=True)
def test_every_source_gives_the_same_facts_by_adbc(tmp_path: Path) -> None:
    """Declared values, unit plans, reports and the toy's two sources: equal row by row, with every column filled."""
    loaded = load(tmp_path)
    declare(loaded, "phong-gddt", {("meals_served", "paid_by=state", "99101"): 60, ("pupils_eating", "", "991"): 9})
    toy(COUNTER, "pupils_eating", "99101", entity="an")
    toy(FILE, "schools", "99102", 3, dimensions="kitchen=standard")
    seen = 0
    for source in installed_sources():
        first = BEGINNING
        wanted = read_facts([source], first=first, last=DAY)
        got = by_adbc(source, first, DAY)
        assert sorted(map(plain, got), key=str) == sorted(map(plain, wanted.to_pylist()), key=str), source.code
        assert all(None not in row.values() for row in got)
        assert isinstance(wanted, pa.Table)
        seen += len(got)
    assert seen >= 8
