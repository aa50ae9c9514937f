"""
A year of a whole province in bulk: what the desks of all its relic sites sent, on top of the demo's twelve months.

`fill` takes a data folder with a demo in SQLite and writes made-up rows past the product's actions, as many as asked for: places,
devices, events with their audit entries, visits, hourly tallies, daily facts. Then the counters of the facts and the lake are brought up to
them. Hashes of the audit chain are made up too: `diem06 audit verify` fails on it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tests.server import diem06, python

SITES = 2_000
"""Sites beside those of the demo; the province lists some 2,200."""
DEVICES = 400
FIRST, LAST = date(2023, 7, 1), date(2024, 6, 14)
SHARES = {"visits": 0.30, "events": 0.30, "audit": 0.28, "tallies": 0.05}
"""Of the records asked for; the daily facts of the sites, two a day each, come to the rest of twenty millions."""
SEALED_DAYS = 30
FACTS_CHANGED = f"""
from datetime import date
from diem06.cube.actions import facts_changed
from diem06.pilots.heritage_sites.measures import REGISTER, VISITS
from django.db import transaction
day = date({FIRST.year}, {FIRST.month}, 1)
with transaction.atomic():
    while day <= date({LAST.year}, {LAST.month}, {LAST.day}):
        for leaf in (day, day.replace(day=15)):
            facts_changed(source=VISITS, day=leaf)
        day = (day.replace(day=28) + __import__("datetime").timedelta(days=4)).replace(day=1)
    facts_changed(source=REGISTER, day=date(2023, 6, 15))
"""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """How many rows were written, by table."""

    rows: dict[str, int]

    def __str__(self) -> str:
        return ", ".join(f"{name} {rows:,}" for name, rows in self.rows.items())


def fill(data: Path, *, records: int) -> Filled:
    """Fill the database in `data` up to about `records` rows, and refresh the lake."""
    scale = records / 20_000_000
    with closing(sqlite3.connect(data / "diem06.sqlite3", isolation_level=None)) as db:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000", "temp_store = MEMORY"):
            db.execute(f"PRAGMA {pragma}")
        db.execute("BEGIN")
        _sites(db, max(10, round(SITES * min(1.0, scale * 4))))
        _devices(db)
        rows = {
            "visits": _visits(db, round(records * SHARES["visits"])),
            "events": _events(db, round(records * SHARES["events"])),
            "audit": _audit(db, round(records * SHARES["audit"])),
            "tallies": _tallies(db, round(records * SHARES["tallies"])),
            "daily facts": _daily(db),
        }
        db.execute(
            "UPDATE desk_device SET (event_count, last_sequence) ="
            " (SELECT count(*), coalesce(max(sequence), 0) FROM desk_event WHERE device_id = desk_device.id)"
        )
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL")
    python(data, FACTS_CHANGED)
    shutil.rmtree(data / "lake", ignore_errors=True)
    diem06(data, "lake", "refresh")
    return Filled(rows=rows)


def days() -> Iterator[date]:
    """Yield the days of the year."""
    for number in range((LAST - FIRST).days + 1):
        yield FIRST + timedelta(days=number)


def _bulk(db: sqlite3.Connection, table: str, rows: int, select: str, **values: object) -> int:
    """Insert what `select` gives of `n(i)`, i from 0 to below `rows`; indexes are made anew afterwards, which is quicker."""
    indexes = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,)
    ).fetchall()
    for name, _sql in indexes:
        db.execute(f'DROP INDEX "{name}"')
    counted = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :rows)"
    db.execute(f"INSERT INTO {table} {select.replace('WITH n', counted, 1)}", {"rows": rows, **values})
    for _name, sql in indexes:
        db.execute(sql)
    found: int = db.execute("SELECT changes()").fetchone()[0]
    return found or rows


def _sites(db: sqlite3.Connection, sites: int) -> None:
    """Make sites in all communes, each with a gate, a fact of the register and a count of who is inside."""
    db.execute(
        """
        CREATE TEMP TABLE commune AS SELECT row_number() OVER (ORDER BY code) - 1 AS n, code, valid_from FROM areas_area
        WHERE level = 'commune' AND valid_from = '2023-04-10' AND code IN (SELECT area FROM heritage_sites_sitefact
            UNION SELECT area FROM reports_declaredvalue)
        """
    )
    communes = db.execute("SELECT code, valid_from FROM commune ORDER BY n").fetchall()
    place = db.execute("SELECT max(id) FROM places_place").fetchone()[0]
    for number in range(sites):
        code, since = communes[number % len(communes)]
        site, gate = place + 1 + 2 * number, place + 2 + 2 * number
        key = f"di-tich-{code}-{number}"
        db.execute(
            "INSERT INTO places_place (id, kind, code, parent_id, valid_from) VALUES (?, 'heritage_site', ?, NULL, '2023-06-15')",
            (site, key),
        )
        db.execute(
            "INSERT INTO places_place (id, kind, code, parent_id, valid_from) VALUES (?, 'heritage_gate', ?, ?, '2023-06-15')",
            (gate, f"{key}-c1", site),
        )
        for row, name in ((site, f"Đình làng số {number}"), (gate, "Cổng chính")):
            db.execute(
                "INSERT INTO places_placeterm (place_id, from_day, name, search_key, sort_key, area_code, area_valid_from,"
                " unit_code, address, document, recorded_at)"
                " VALUES (?, '2023-06-15', ?, lower(?), lower(?), ?, ?, ?, '', '', '2023-06-16 02:30:00')",
                (row, name, f"dinh lang so {number}", f"dinh lang so {number:05}", code, since, f"ubnd-{code}"),
            )
            db.execute(
                "INSERT INTO heritage_sites_occupancy (place_id, site_id, identified, counted, corrected, presumed_gone, began_at,"
                " counted_since, alarm, changed_at) VALUES (?, ?, 3, 2, 0, 0, '2024-06-14 17:00:00', '2024-06-14 17:00:00', 0,"
                " '2024-06-15 02:12:00')",
                (row, site),
            )
        db.execute(
            "INSERT INTO heritage_sites_sitefact (measure, source, day, recorded_at, area, area_valid_from, unit, place,"
            " dimensions, entity, value, record)"
            " VALUES ('heritage_sites', 'heritage_register', '2023-06-20', '2023-06-20 02:30:00', ?, ?, 'so-vhttdl', ?,"
            " 'equipment_step=none', '', 1, ?)",
            (code, since, f"heritage_site:{key}", f"heritage_site:{key}"),
        )
    # Numbered by how busy they are: the relics of the demo first.
    db.execute(
        """
        CREATE TEMP TABLE spot AS
        SELECT row_number() OVER (ORDER BY g.id) - 1 AS n, g.id AS gate, s.id AS site, s.code AS code, t.area_code AS area,
               t.area_valid_from AS since
        FROM places_place g JOIN places_place s ON s.id = g.parent_id AND s.kind = 'heritage_site'
        JOIN places_placeterm t ON t.place_id = s.id AND t.from_day = '2023-06-15'
        WHERE g.kind = 'heritage_gate' GROUP BY s.id
        """
    )
    db.execute("CREATE UNIQUE INDEX temp.spot_n ON spot (n)")


def _devices(db: sqlite3.Connection) -> None:
    gates = [gate for (gate,) in db.execute("SELECT gate FROM spot ORDER BY n LIMIT ?", (DEVICES,))]
    known = db.execute("SELECT max(id) FROM desk_device").fetchone()[0]
    for number, gate in enumerate(gates, known + 1):
        db.execute(
            "INSERT INTO desk_device (id, code, place_id, name, public_key, enrolled_at, version, user_agent, last_seen_at,"
            " queue_length, takes_queue) VALUES (?, ?, ?, ?, ?, '2023-06-30 02:00:00', '1', 'bench', '2024-06-15 02:10:00', 0, 0)",
            (number, f"TB-{number:03}", gate, f"Máy {number}", f"made up {number}"),
        )
    db.execute(
        "CREATE TEMP TABLE device AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id FROM desk_device WHERE id > 8"
    )
    db.execute("CREATE UNIQUE INDEX temp.device_n ON device (n)")


# A few sites have most of the visits; a day has its hours from seven to four.
_SKEWED = "CAST(:spots * pow(abs(random() % 1000000) / 1000000.0, 2.5) AS INTEGER)"
_MOMENT = "unixepoch(:first) + (i * :days / :rows) * 86400 + (abs(random()) % 10) * 3600 + abs(random()) % 3600"


def _visits(db: sqlite3.Connection, rows: int) -> int:
    return _bulk(
        db,
        "heritage_sites_visit",
        rows,
        f"""
        (event_id, exit_event_id, entered_at, day, hour, recorded_at, seen_at, left_at, closed_by, closed_at, how, people,
         birth_year, sex, birth_province, nationality, device_code, digest, sealed, exit_gate_id, gate_id, point_id, site_id)
        WITH n, drawn AS MATERIALIZED (SELECT i, {_SKEWED} AS n, {_MOMENT} AS at, abs(random()) AS luck FROM n)
        SELECT printf('0190%028x', i), CASE WHEN luck % 10 < 7 THEN printf('0191%028x', i) END,
               datetime(at, 'unixepoch'), date(at + 25200, 'unixepoch'), CAST(strftime('%H', at + 25200, 'unixepoch') AS INTEGER),
               datetime(at, 'unixepoch'), datetime(at, 'unixepoch'),
               CASE WHEN luck % 10 < 7 THEN datetime(at + 3600, 'unixepoch') END, CASE WHEN luck % 10 < 7 THEN 'exit' ELSE 'timeout' END,
               datetime(at + 3600, 'unixepoch'), 'card_qr', 1 + (luck / 10 % 20 = 0) * 15, 1940 + luck / 200 % 70,
               CASE WHEN luck / 14000 % 2 THEN 'male' ELSE 'female' END, printf('%03d', 24 + luck / 28000 % 6), 'VNM', 'TB-001',
               CASE WHEN i * :days / :rows > :days - {SEALED_DAYS} THEN lower(hex(randomblob(16))) ELSE '' END,
               CASE WHEN i * :days / :rows > :days - {SEALED_DAYS} THEN randomblob(110) END,
               CASE WHEN luck % 10 < 7 THEN gate END, gate, NULL, site
        FROM drawn JOIN spot USING (n)
        """,
        **_year(db),
    )


def _events(db: sqlite3.Connection, rows: int) -> int:
    return _bulk(
        db,
        "desk_event",
        rows,
        f"""
        (id, sequence, act, occurred_at, received_at, skew_ms, body_digest, how, count, state, code, flags, record, from_file, device_id)
        WITH n, drawn AS MATERIALIZED (SELECT i, i % :devices AS n, {_MOMENT} AS at, abs(random()) AS luck FROM n)
        SELECT printf('0190%028x', i), 1 + i / :devices, 'enter', datetime(at, 'unixepoch'), datetime(at + 2, 'unixepoch'), 0,
               lower(hex(randomblob(16))), 'card_qr', 1, CASE WHEN luck % 200 THEN 'accepted' ELSE 'rejected' END, '', '',
               'heritage_visit:' || i, 0, id
        FROM drawn JOIN device USING (n)
        """,
        devices=db.execute("SELECT count(*) FROM device").fetchone()[0],
        **_year(db),
    )


def _audit(db: sqlite3.Connection, rows: int) -> int:
    """Add linked entries after the last one; the chain's head moves with them, so that the product goes on linking."""
    head = db.execute("SELECT max(position) FROM audit_entry").fetchone()[0]
    made = _bulk(
        db,
        "audit_entry",
        rows,
        f"""
        (at, by_name, action, object_type, object_id, details, position, previous_hash, hash)
        WITH n
        SELECT datetime({_MOMENT}, 'unixepoch'), '', 'desk_event.receive', 'desk_event',
               printf('01900000-0000-0000-0000-%012x', i), '{{"device": "TB-010", "act": "enter", "state": "accepted", "count": 1}}',
               :head + 1 + i, printf('%064x', i), printf('%064x', i + 1)
        FROM n
        """,
        head=head,
        **_year(db),
    )
    db.execute(
        "UPDATE audit_chainhead SET (position, hash) = (SELECT position, hash FROM audit_entry ORDER BY position DESC LIMIT 1)"
    )
    return made


def _tallies(db: sqlite3.Connection, rows: int) -> int:
    return _bulk(
        db,
        "heritage_sites_hourtally",
        rows,
        """
        (day, hour, scanned_in, counted_in, scanned_out, counted_out, is_unpublished, gate_id, point_id, site_id)
        WITH n
        SELECT date(:first, '+' || (i / 10 % :days) || ' days'), 7 + i % 10, 5 + i % 7, i % 3, 4 + i % 6, i % 2, 0, gate, NULL, site
        FROM n JOIN spot ON spot.n = :spots - 1 - i / 10 / :days % :spots
        WHERE gate NOT IN (SELECT gate_id FROM heritage_sites_hourtally)
        """,
        **_year(db),
    )


def _daily(db: sqlite3.Connection) -> int:
    """Two facts of each new site and day: what came by scan and by hand."""
    year = _year(db)
    return _bulk(
        db,
        "heritage_sites_dailyentries",
        2 * int(year["days"]) * int(year["spots"]),
        """
        (measure, source, day, recorded_at, area, area_valid_from, unit, place, dimensions, entity, value, record)
        WITH n, drawn AS MATERIALIZED (SELECT i, i / 2 % :spots AS n, date(:first, '+' || (i / 2 / :spots) || ' days') AS day FROM n)
        SELECT 'site_entries', 'heritage_visits', day, day || ' 17:05:00', area, since, 'so-vhttdl', 'heritage_site:' || code,
               CASE WHEN i % 2 THEN 'counted_by=hand' ELSE 'counted_by=scan' END, '', 10 + i % 23, 'heritage_day:' || code || ':' || day
        FROM drawn JOIN spot USING (n)
        WHERE 'heritage_site:' || code NOT IN (SELECT place FROM heritage_sites_dailyentries)
        """,
        **year,
    )


def _year(db: sqlite3.Connection) -> dict[str, int | str]:
    spots: int = db.execute("SELECT count(*) FROM spot").fetchone()[0]
    return {"first": str(FIRST), "days": (LAST - FIRST).days + 1, "spots": spots}
