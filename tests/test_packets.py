"""
A closed month leaves a province as a packet, and is loaded in a national instance: the real plan with a made-up month, and made-up
provinces beside it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from diem06.core.audit.models import Entry
from diem06.core.evidence import store
from diem06.core.plans.queries import Loaded, loaded_plan
from diem06.cube.closing.actions import close_period, rotate_key
from diem06.cube.closing.keys import signing_key
from diem06.cube.closing.public import public_key
from diem06.cube.closing.queries import closed_figures, closing_of
from diem06.cube.closing.record import closed_board
from diem06.cube.models import Packet, TrustedKey
from diem06.cube.packets import extraction, form, national, queries
from diem06.cube.packets.actions import CheckError, UnknownKeyError, key_of, load_packet, trust_key
from diem06.cube.packets.content import PersonalDataError
from diem06.cube.packets.extraction import ExportError, export
from diem06.cube.packets.months import is_counted_alike
from diem06.cube.packets.result import NOT_JUDGED, ResultRow, rows_of
from diem06.cube.packets.tests import made_up
from diem06.reports import demo
from diem06.reports.actions import open_reports
from diem06.reports.tests.factories import AT, month
from tests.prepared import with_plan
from tests.server import REPOSITORY, environment, python

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(prepared: Callable[..., Any]) -> Loaded:
    """A closed month of the real plan: the database that the tests of closing stand on."""

    def build() -> Loaded:
        loaded = loaded_plan()
        of, after = month(loaded, "2023-07"), month(loaded, "2023-08")
        demo.make_month(plan=loaded.plan, period=of, month=0, people={}, seed=demo.SEED)
        close_period(loaded=loaded, period=of, at=of.lock_at + timedelta(hours=9), by=None)
        open_reports(period=after, plan=loaded.plan, at=after.opens_at)
        return loaded

    loaded: Loaded = prepared("a closed month and an open one", build, on=with_plan(AT))
    return loaded


@pytest.fixture(scope="module")
def packet(made: Loaded) -> bytes:
    """The month of the province as it leaves."""
    return export(loaded_plan(), "2023-07").content


@pytest.fixture(autouse=True)
def nothing_made() -> Iterator[None]:
    """What is made of packets goes with the test that loaded them."""
    yield
    shutil.rmtree(national.folder(), ignore_errors=True)


def trusted(packet: bytes) -> None:
    about = form.opened(packet).about
    trust_key(province=about.province, public_key=about.seal.public_key, at=AT, by=None)


def loaded_packet(packet: bytes, **more: Any) -> Packet:
    trusted(packet)
    return load_packet(content=packet, at=AT, by=None, **more).packet


def run(*words: str, **options: Any) -> tuple[int, str]:
    """Run `diem06 packet`; return its exit code and what it said."""
    out = StringIO()
    try:
        call_command("packet", *words, stdout=out, stderr=out, **options)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


# -- leaving a province ------------------------------------------------------------------------------------------------
@pytest.mark.once
def test_the_national_figures_of_the_province_are_its_closed_figures(made: Loaded, packet: bytes) -> None:
    """Every closed figure comes back: what adds up out of the facts, the rest as it was sealed; who reported as on the board."""
    loaded_packet(packet)
    closing = closing_of(made.plan.id, "2023-07")
    kept, board = closed_figures(closing), closed_board(loaded_plan(), closing)
    found = [row for row in rows_of(national.national("2023-07")) if row.level != "country"]
    assert len(found) == len(kept) > 6000
    for row in found:
        figure = kept[row.code, row.area, row.unit]
        assert (row.key, row.numerator, row.denominator, row.value, row.target, row.standing) == (
            figure.key, figure.numerator, figure.denominator, figure.value, figure.target, figure.standing,
        )  # fmt: skip
        seen = board.figure(row.code, area=row.area, unit=row.unit)
        assert (row.expected, row.reported) == (seen.expected, seen.reported), row


@pytest.mark.once
def test_the_country_of_one_province_is_the_province(made: Loaded, packet: bytes) -> None:
    """For every line that adds up; a line that counts people once has none, and the reason."""
    loaded_packet(packet)
    found = list(rows_of(national.national("2023-07")))
    provinces = {row.code: row for row in found if row.level == "province"}
    country = {row.code: row for row in found if row.level == "country"}
    assert provinces.keys() <= country.keys()
    sums = [code for code in provinces if not country[code].reason.startswith("counted")]
    assert 0 < len(sums) < len(country)
    for code in sums:
        assert (country[code].numerator, country[code].denominator) == (
            provinces[code].numerator,
            provinces[code].denominator,
        )
    assert all(country[code].value is None for code in country.keys() - set(sums) if code in provinces)


@pytest.mark.once
def test_a_packet_is_the_same_bytes_at_any_time(made: Loaded, packet: bytes, tmp_path: Path) -> None:
    """Made again, and by the command, which names the key and never writes over a file."""
    out = tmp_path / "24.packet"
    code, words = run("export", "2023-07", out=out)
    assert (code, out.read_bytes()) == (0, packet)
    assert public_key(signing_key()) in words
    assert run("export", "2023-07", out=out)[0] == 2
    assert run("export", "2023-08", out=tmp_path / "x")[0] == 1
    rotate_key(at=AT + timedelta(days=1), by=None)
    assert export(loaded_plan(), "2023-07").content == packet  # by the key that sealed the month


@pytest.mark.once
def test_only_a_closed_period_leaves(made: Loaded) -> None:
    with pytest.raises(ExportError, match=r"2023-08: not closed\. Close it first: `diem06 seal close 2023-08`"):
        export(loaded_plan(), "2023-08")


@pytest.mark.once
@pytest.mark.parametrize("planted", [made_up.PERSON, made_up.PERSON_NUMBER])
def test_a_person_in_a_place_stops_the_packet(made: Loaded, monkeypatch: pytest.MonkeyPatch, planted: str) -> None:
    """A name or a number where the code of a kind of place should stand: no packet is made, and the fault does not repeat it."""
    whole = extraction.read_leaves

    def with_a_person(*sources: Any, **question: Any) -> Any:
        facts = whole(*sources, **question)
        row = next(r for r in facts.table.to_pylist() if r["measure"] == "service_points_guiding" and r["value"])
        rows = [*facts.table.to_pylist(), row | {"place": f"{planted}:1", "entity": planted, "record": planted}]
        return replace(facts, table=facts.table.from_pylist(rows, schema=facts.table.schema))

    monkeypatch.setattr(extraction, "read_leaves", with_a_person)
    with pytest.raises(PersonalDataError) as refused:
        export(loaded_plan(), "2023-07")
    assert "service_points_guiding: a place that is not the code of a kind" in str(refused.value)
    assert planted not in str(refused.value)


# -- being loaded ------------------------------------------------------------------------------------------------------
@pytest.mark.once
def test_a_packet_is_kept_with_its_checks_once(made: Loaded, packet: bytes) -> None:
    """The file byte for byte, the row, one audit entry; a second time it is there already."""
    trusted(packet)
    first = load_packet(content=packet, at=AT, by=None)
    again = load_packet(content=packet, at=AT + timedelta(days=1), by=None)
    row = first.packet
    assert (first.is_new, again.is_new, again.packet.pk) == (True, False, row.pk)
    assert (row.province, row.name, row.period, row.loaded_at) == ("24", "Tỉnh Bắc Giang", "2023-07", AT)
    assert store.read(row.file.sha256) == packet
    assert [name for name, _counted in row.checks] == [
        "form", "members", "signature", "seal", "content", "personal data", "figures", "key", "period",
    ]  # fmt: skip
    entry = Entry.objects.get(action="packet.load")
    assert (entry.object_id, entry.details["sha256"]) == ("24/2023-07", row.sha256)


@pytest.mark.once
def test_a_packet_of_an_unknown_key_is_not_loaded(made: Loaded, packet: bytes) -> None:
    """Nothing is kept, nothing written; the check is named. A key of another province does not help."""
    trust_key(province="27", public_key=public_key(signing_key()), at=AT, by=None)
    with pytest.raises(CheckError, match=r"key: [0-9a-f]{64} is not trusted for province 24"):
        load_packet(content=packet, at=AT, by=None)
    assert (Packet.objects.count(), Entry.objects.filter(action="packet.load").count()) == (0, 0)


@pytest.mark.once
def test_other_definitions_are_named(made: Loaded, packet: bytes) -> None:
    """A packet of another plan beside it: which measures and indicators are not the same."""
    loaded_packet(packet)
    with pytest.raises(CheckError) as refused:
        loaded_packet(made_up.packet_of(made_up.make_province("90", seed=1, size=20)))
    assert "definitions: measure dossiers is only in this packet" in str(refused.value)


def test_a_month_is_replaced_only_when_asked_and_both_are_kept() -> None:
    """The second packet of a province and month needs a reason; the first stays with its file, and counts no more."""
    first, second = (made_up.packet_of(made_up.make_province("90", seed=seed, size=30)) for seed in (1, 2))
    one = loaded_packet(first)
    with pytest.raises(CheckError, match="another packet of 90 is loaded"):
        loaded_packet(second)
    other = loaded_packet(second, replace="Tỉnh gửi lại gói đã sửa")
    one.refresh_from_db()
    assert (one.is_replaced, other.replaces_id, other.reason) == (True, one.pk, "Tỉnh gửi lại gói đã sửa")
    assert [row.pk for row in queries.packets("2023-07")] == [other.pk]
    assert store.read(one.file.sha256) == first
    with pytest.raises(CheckError, match="it was loaded before, and replaced"):
        loaded_packet(first, replace="lại")


def test_the_database_holds_to_it_too() -> None:
    """One packet of a province and month counts; a replacement has a reason; a key is a key."""
    row = loaded_packet(made_up.packet_of(made_up.make_province("90", seed=1, size=20)))
    file = row.file
    for wrong in ({"sha256": "1" * 64}, {"province": "91", "sha256": "2" * 64, "replaces_id": row.pk}):
        twin = Packet.objects.get(pk=row.pk)
        file.pk, file._state.adding = None, True
        for name, value in {"pk": None, **wrong}.items():
            setattr(twin, name, value)
        twin._state.adding = True
        with pytest.raises(IntegrityError), transaction.atomic():
            twin.save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrustedKey.objects.create(province="90", public_key="abc", trusted_at=AT)


def test_a_key_is_read_as_digits_or_pem(tmp_path: Path) -> None:
    """What is none is named; trusting twice writes once."""
    from diem06.cube.closing.public import public_pem

    key = public_key(made_up.key_of("90"))
    pem = tmp_path / "key.pem"
    pem.write_text(public_pem(key))
    assert key_of(f" {key.upper()}\n") == key_of(pem.read_text()) == key
    for wrong in ("", "12", key[:-1], "-----BEGIN PUBLIC KEY-----"):
        with pytest.raises(UnknownKeyError):
            key_of(wrong)
    assert run("trust", "90", str(pem))[0] == run("trust", "90", key)[0] == 0
    assert Entry.objects.filter(action="packet.trust").count() == 1
    assert run("trust", "90", "12")[0] == 2


# -- the nation --------------------------------------------------------------------------------------------------------
def test_the_roll_up_is_computed_once_for_a_set_of_packets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked again it is read from its file; another packet is another set; a spoiled file is made anew."""
    provinces = made_up.five(seed=4, size=20)
    for province in provinces[:2]:
        loaded_packet(made_up.packet_of(province))
    computed: list[int] = []
    whole = national.roll_up_window

    def counted(found: Any, *more: Any, **named: Any) -> Any:
        computed.append(len(found))
        return whole(found, *more, **named)

    monkeypatch.setattr(national, "roll_up_window", counted)
    first = national.national("2023-07")
    assert national.national("2023-07").equals(first)
    assert computed == [2]
    for file in (national.folder() / "rollups").iterdir():
        file.write_bytes(b"spoiled")
    assert national.national("2023-07").equals(first)
    loaded_packet(made_up.packet_of(provinces[2]))
    national.national("2023-07")
    assert computed == [2, 2, 3]


def test_an_engine_that_is_wrong_is_named_and_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """One fact lost on the way to the engine: the province's signed figures tell, before a page shows it."""
    loaded_packet(made_up.packet_of(made_up.make_province("90", seed=1, size=60)))
    whole = national.roll_up_window

    def loses_a_fact(provinces: Any, *more: Any, **named: Any) -> Any:
        facts = provinces[0].last.facts
        row = next(n for n, code in enumerate(facts["measure"].to_pylist()) if code == "visits")
        left = facts.take([n for n in range(facts.num_rows) if n != row])
        return whole([replace(provinces[0], packets=(replace(provinces[0].last, facts=left),))], *more, **named)

    monkeypatch.setattr(national, "roll_up_window", loses_a_fact)
    with pytest.raises(national.RollUpError, match="k90:F2:90:-:2023-07:1"):
        national.national("2023-07")
    assert not list((national.folder() / "rollups").glob("*"))
    assert run("rollup", "2023-07")[0] == 1


def test_a_quarter_is_made_of_provinces_that_have_every_month(tmp_path: Path) -> None:
    """
    90 has three months, 91 two, 92 other areas in August: the quarter is that of 90 and says why not of the others; targets may
    change between months, what is counted may not. In files and on an engine of the caller it is the same.
    """
    from diem06.cube.engine.runner import DuckDBRunner

    provinces = [made_up.lasting(each, seed=4, size=20) for each in made_up.five(seed=4, size=20)[:3]]
    of_july = made_up.MONTHS[0]
    for each in made_up.MONTHS:
        loaded_packet(made_up.packet_of(provinces[0], each, AHEAD if each is of_july else made_up.DEFINITIONS))
    for each in made_up.MONTHS[1:]:
        loaded_packet(made_up.packet_of(provinces[1], each))
    fewer = replace(provinces[2], areas=provinces[2].areas[:-1], facts=(), expected=())
    loaded_packet(made_up.packet_of(fewer, of_july, AHEAD))
    for each in made_up.MONTHS[1:]:
        loaded_packet(made_up.packet_of(provinces[2], each))
    found = national.members("2023-Q3")
    assert [[row.period for row in months] for months in found.taken] == [["2023-07", "2023-08", "2023-09"]]
    assert {(row.province, why) for row, why in found.left_out} == {
        ("91", national.MISSING), ("92", national.AREAS_CHANGED),
    }  # fmt: skip
    assert national.windows() == ("2023-09", "2023-08", "2023-07", "2023-Q3")
    wanted = list(rows_of(national.national("2023-Q3")))
    with DuckDBRunner() as runner:
        assert list(rows_of(national.national("2023-Q3", runner=runner, files=str(tmp_path)))) == wanted
    assert sum("-flows" in file.name for file in tmp_path.iterdir()) == 2
    code, said = run("rollup", "2023-Q3", out=tmp_path / "q3.csv")
    assert code == 0
    assert "Tỉnh 91 is left out: a month of it has no packet" in said
    assert "1 provinces" in said
    assert run("rollup", "2023-Q4")[0] == 2
    other = replace(made_up.DEFINITIONS.lines[1], parts=made_up.DEFINITIONS.lines[0].parts, pairing="none")
    assert not is_counted_alike(
        replace(made_up.DEFINITIONS, lines=(made_up.DEFINITIONS.lines[0], other)), made_up.DEFINITIONS
    )


def test_the_country_is_judged_on_its_way_to_a_deadline_from_the_first_month_of_the_same_provinces() -> None:
    """July begins the line and is not judged by itself; August is. A province more in August: July of all of them is not known."""
    provinces = [made_up.lasting(each, seed=4, size=400) for each in made_up.five(seed=4, size=400)[:3]]
    july, august, _september = made_up.MONTHS
    for province in provinces[:2]:
        loaded_packet(made_up.packet_of(province, july, AHEAD))
        loaded_packet(made_up.packet_of(province, august, AHEAD))
    before, after = (row_of(month.code) for month in (july, august))
    assert (before.standing, before.reason, before.target) == ("", NOT_JUDGED, "0.999")
    first, now = before.number(), after.number()
    ahead = AHEAD.line_of["F1"].targets[0].deadline - july.last
    line = first + (Decimal("0.999") - first) * (august.last - july.last).days / ahead.days
    assert after.standing == ("on_track" if now >= line else "at_risk")
    loaded_packet(made_up.packet_of(provinces[2], august, AHEAD))
    assert (row_of("2023-08").standing, row_of("2023-08").reason) == ("", NOT_JUDGED)


F1 = made_up.DEFINITIONS.line_of["F1"]
DEADLINE = replace(F1.targets[0], value=Decimal("0.999"), deadline=date(2024, 6, 14))
AHEAD = replace(made_up.DEFINITIONS, lines=(replace(F1, targets=(DEADLINE,)), *made_up.DEFINITIONS.lines[1:]))
"""F1 is to be 99.9% in June 2024."""


def row_of(period: str) -> ResultRow:
    """Return F1 of the country."""
    return next(row for row in rows_of(national.national(period)) if (row.code, row.level) == ("F1", "country"))


def test_facts_in_files_give_what_facts_in_memory_give(tmp_path: Path) -> None:
    """The files that a cluster's workers read: the same roll-up, on an engine of the caller."""
    from diem06.cube.engine.runner import DuckDBRunner

    for province in made_up.five(seed=4, size=20)[:3]:
        loaded_packet(made_up.packet_of(province))
    wanted = list(rows_of(national.national("2023-07")))
    with DuckDBRunner() as runner:
        assert list(rows_of(national.national("2023-07", runner=runner, files=str(tmp_path)))) == wanted
    assert len(list(tmp_path.iterdir())) == 3


def test_the_command_carries_packets_from_export_to_a_file(tmp_path: Path) -> None:
    """load, list, check, rollup: a spoiled file is named and does not hold up the others."""
    files = []
    for province in made_up.five(seed=5, size=20)[:2]:
        file = tmp_path / form.file_name(province.code, "2023-07")
        file.write_bytes(made_up.packet_of(province))
        run("trust", province.code, public_key(made_up.key_of(province.code)))
        files.append(str(file))
    spoiled = tmp_path / "spoiled.packet"
    spoiled.write_bytes(Path(files[0]).read_bytes()[:-40])
    code, words = run("load", str(spoiled), *files)
    assert (code, "spoiled.packet: not loaded" in words, "WRONG form" in words) == (1, True, True)
    assert queries.packets("2023-07").count() == 2
    assert run("check", *files)[0] == 0
    assert run("check", str(spoiled))[0] == 1
    assert "Tỉnh 90" in run("list")[1]
    out = tmp_path / "nation.csv"
    code, words = run("rollup", "2023-07", out=out)
    assert (code, "2 provinces" in words) == (0, True)
    assert out.read_text().splitlines()[1].startswith('"F1","","country","VN"')
    assert run("rollup", "2023-08")[0] == 2
    assert run("load", str(tmp_path / "none"))[0] == 2
    assert run("load")[0] == 2


@pytest.mark.once
def test_kill_9_while_packets_are_loaded(copy_migrated: Callable[[Path], Path], tmp_path: Path) -> None:
    """Killed at three moments: what was acknowledged is there with its file, its entry and its row; no row without its file."""
    data, chance = copy_migrated(tmp_path / "data"), Random(9)
    codes = [str(code) for code in range(10, 20)]
    for code in codes:
        province = made_up.make_province(code, seed=1, size=6)
        (tmp_path / f"{code}.packet").write_bytes(made_up.packet_of(province))
    keys = {code: public_key(made_up.key_of(code)) for code in codes}
    python(data, f"""
from django.conf import settings
from diem06.cube.packets.actions import trust_key
for province, key in {keys}.items():
    trust_key(province=province, public_key=key, at=settings.DIEM06_CLOCK(), by=None)
""")  # fmt: skip
    load = f"""
import django
django.setup()
from pathlib import Path
from random import Random
from django.conf import settings
from diem06.cube.packets.actions import load_packet
print("begun", flush=True)
for code in {codes}:
    found = load_packet(content=Path({str(tmp_path)!r}, code + ".packet").read_bytes(), at=settings.DIEM06_CLOCK(), by=None)
    print(code, flush=True)
print("over", flush=True)
"""
    said: set[str] = set()
    for _turn in range(3):
        with subprocess.Popen([sys.executable, "-c", load], cwd=REPOSITORY, env=environment(data), stdout=subprocess.PIPE, text=True) as process:  # fmt: skip
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            said.add(process.stdout.readline().strip())
            time.sleep(chance.uniform(0, 0.8))
            process.kill()
            said |= {line.strip() for line in process.stdout}
    state = python(data, """
from diem06.core.audit.models import Entry
from diem06.core.evidence import store
from diem06.cube.models import Packet
for row in Packet.objects.all():
    store.read(row.file.sha256)
    print(row.province)
assert Packet.objects.count() == Entry.objects.filter(action="packet.load").count()
""")  # fmt: skip
    kept = set((state or "").split())
    assert said - {"over"} <= kept
    assert kept
