"""
The lake says what the database says: whatever is asked of facts has one answer, with the lake, without it, and where half of it is stale.

On both databases, with what units declare and with the toy app's sources, which have a history, entities, stocks and snapshots.
"""

from __future__ import annotations

import json
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from diem06.core.plans.queries import Loaded, loaded_plan
from diem06.core.roster import installed_sources
from diem06.cube.actions import facts_changed
from diem06.cube.board import forget_boards
from diem06.cube.facts import read_facts, read_leaves
from diem06.cube.figures import FigureQuery, figures
from diem06.cube.lake import extraction, reading, refreshing
from diem06.cube.lake import manifest as lake
from diem06.cube.lake.checking import checks, status
from diem06.cube.lake.refreshing import refresh
from diem06.cube.leaves import leaf_of, month_of
from diem06.cube.models import ChangedFacts
from diem06.cube.queries import changes_until
from diem06.cube.upkeep import refresh_lake
from tests.refreshing import random_waits, victims
from tests.test_second_plan import COMMUNES, declare, load
from tests.toy.measures import COUNTER, FILE
from tests.toy.models import ToyFact

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2024, 2, 1, 8, tzinfo=UTC)
FIRST = date(2023, 10, 1)
MEASURES = {
    "meals_served": ("paid_by=state", "paid_by=family"),
    "schools": ("kitchen=standard", "kitchen=other"),
    "pupils_eating": ("",),
}
QUESTIONS: dict[str, dict[str, Any]] = {
    "a period": {"first": date(2024, 1, 1), "last": date(2024, 1, 31)},
    "fifteenth to fourteenth": {"first": date(2023, 11, 15), "last": date(2023, 12, 14)},
    "cut in leaves": {"first": date(2023, 11, 3), "last": date(2024, 1, 20)},
    "a day": {"first": date(2023, 12, 9), "last": date(2023, 12, 9)},
    "known earlier": {"first": FIRST, "last": date(2024, 1, 31), "known_at": datetime(2024, 1, 10, 3, tzinfo=UTC)},
    "known long ago": {"first": FIRST, "last": date(2024, 1, 31), "known_at": datetime(2023, 11, 20, tzinfo=UTC)},
    "one measure": {"first": FIRST, "last": date(2024, 1, 31), "measures": ("pupils_eating",)},
    "before everything": {"first": date(2021, 1, 1), "last": date(2021, 12, 31)},
}


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    return load(tmp_path)


@pytest.fixture(autouse=True)
def _lake_is_asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """However few rows a file saves."""
    monkeypatch.setattr(reading, "ROWS_OF_A_FILE", -1)
    yield
    forget_boards()


@transaction.atomic
def record(chance: random.Random, count: int, *, since: date = FIRST, until: date = date(2024, 1, 31)) -> None:
    """Let the toy app record facts of its measures: some are superseded since."""
    rows = []
    for number in range(count):
        day = since + timedelta(days=chance.randrange((until - since).days + 1))
        measure = chance.choice(list(MEASURES))
        recorded_at = datetime(day.year, day.month, day.day, 5, tzinfo=UTC) + timedelta(
            minutes=chance.randrange(60_000)
        )
        is_gone = chance.random() < 0.3
        rows.append(
            ToyFact(
                measure=measure,
                source=chance.choice((COUNTER, FILE)),
                day=day,
                recorded_at=recorded_at,
                superseded_at=recorded_at + timedelta(minutes=chance.randrange(90_000)) if is_gone else None,
                area=chance.choice(COMMUNES),
                area_valid_from=date(2020, 1, 1),
                unit="phong-gddt",
                dimensions=chance.choice(MEASURES[measure]),
                entity=f"p{chance.randrange(9)}" if measure == "pupils_eating" else "",
                value=1 if measure == "pupils_eating" else chance.randrange(1, 50),
                record=f"{measure}/{chance.randrange(40)}/{number % 3}",
            )
        )
    ToyFact.objects.bulk_create(rows)
    for source, leaf in sorted({(row.source, leaf_of(row.day)) for row in rows}):
        facts_changed(source=source, day=leaf)


def plain(facts: pa.Table) -> Counter[str]:
    return Counter(map(str, facts.to_pylist()))


def asked(question: dict[str, Any]) -> Counter[str]:
    return plain(read_facts(installed_sources(), **question))


def without_lake(question: dict[str, Any]) -> Counter[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake, "load", lake.Manifest)
        return asked(question)


def rows_in_tables(run: Any) -> list[str]:
    """Return what was asked of tables that hold facts."""
    with CaptureQueriesContext(connection) as queries:
        run()
    return [query["sql"] for query in queries if "toy_toyfact" in query["sql"] or "declaredvalue" in query["sql"]]


def test_every_question_has_one_answer(loaded: Loaded) -> None:
    """Whole periods, cut leaves, what was known earlier, one measure: clean, then with a stale month, then with everything stale."""
    chance = random.Random(6)
    record(chance, 400)
    declare(loaded, "phong-gddt", {("meals_served", "paid_by=state", "99101"): 60, ("pupils_eating", "", "991"): 90})
    wanted = {name: without_lake(question) for name, question in QUESTIONS.items()}
    assert wanted["known earlier"] != wanted["known long ago"]
    assert sum(wanted["cut in leaves"].values()) > 100

    refresh(at=AT)
    assert {name: asked(question) for name, question in QUESTIONS.items()} == wanted
    assert rows_in_tables(lambda: asked(QUESTIONS["known earlier"])) == [], "a lake that is clean is all that is read"

    record(chance, 60, since=date(2023, 12, 1), until=date(2023, 12, 14))
    with transaction.atomic():
        ToyFact.objects.filter(day=date(2023, 12, 9)).update(superseded_at=AT)
        facts_changed(source=COUNTER, day=date(2023, 12, 9))
        facts_changed(source=FILE, day=date(2023, 12, 9))
    stale = {name: without_lake(question) for name, question in QUESTIONS.items()}
    assert stale["cut in leaves"] != wanted["cut in leaves"]
    assert {name: asked(question) for name, question in QUESTIONS.items()} == stale
    assert all("2023-12" in sql for sql in rows_in_tables(lambda: asked(QUESTIONS["cut in leaves"])))

    record(chance, 200)
    for name, question in QUESTIONS.items():
        assert asked(question) == without_lake(question), name


def test_every_figure_is_the_same_with_compacted_leaves(loaded: Loaded) -> None:
    """All figures of a month and of the plan to date, at every level: without a lake, with it, and with a stale month."""
    chance = random.Random(7)
    record(chance, 300)
    declare(
        loaded,
        "phong-gddt",
        {
            ("meals_served", "paid_by=state", "99101"): 60,
            ("meals_served", "paid_by=family", "99101"): 20,
            ("pupils_eating", "", "991"): 90,
        },
    )
    query = FigureQuery(loaded=loaded, windows=("2024-01", "ptd-2024-01"), revision=1)

    def found() -> list[Any]:
        forget_boards()
        return list(figures(query))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake, "load", lake.Manifest)
        wanted = found()
    assert any(figure.numerator for figure in wanted)

    refresh(at=AT)
    kinds = {measure.code: measure.kind.value for measure in loaded.plan.measures if not measure.derived}
    leaves = read_leaves(installed_sources(), **QUESTIONS["a period"], kinds=kinds)
    assert leaves.files
    assert not leaves.table.num_rows
    assert found() == wanted
    record(chance, 20, since=date(2024, 1, 16))
    half_stale = found()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lake, "load", lake.Manifest)
        assert half_stale == found()
    assert half_stale != wanted


def test_every_figure_is_the_same_by_balances_of_records(loaded: Loaded) -> None:
    """
    Stocks of months that follow each other, also of one without a fact, February, come out of the question's months alone. Facts that are
    dated back, that move on to another month and that go change the balances of every month after them.
    """
    chance = random.Random(17)
    windows = ("2024-02", "ptd-2024-03")
    kinds = {measure.code: measure.kind.value for measure in loaded.plan.measures if not measure.derived}
    days = {"first": date(2024, 1, 1), "last": date(2024, 1, 31)}

    def found(code: str) -> list[Any]:
        forget_boards()
        return list(figures(FigureQuery(loaded=loaded, windows=(code,), revision=1)))

    def compare() -> list[Any]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lake, "load", lake.Manifest)
            wanted = [found(code) for code in windows]
        refresh(at=AT)
        assert [found(code) for code in windows] == wanted
        assert months() == {"2024-01"}
        assert [fault for check in checks() for fault in check.faults] == []
        return wanted

    def months() -> set[str]:
        read = read_leaves([source for source in installed_sources() if source.code == COUNTER], **days, kinds=kinds)
        assert not read.table.num_rows
        return {Path(file).parent.name for file in read.files}

    @transaction.atomic
    def change(rows: Any, **fields: Any) -> None:
        """Change rows with the counters of the leaves that they lie in, before and after."""
        leaves = {leaf_of(row.day) for row in rows}
        ToyFact.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)
        for leaf in leaves | ({leaf_of(fields["day"])} if "day" in fields else set()):
            facts_changed(source=COUNTER, day=leaf)

    record(chance, 200)
    record(chance, 100, since=date(2024, 3, 1), until=date(2024, 3, 31))
    seen = [compare()]
    record(chance, 12, since=date(2023, 10, 3), until=date(2023, 10, 20))
    seen.append(compare())
    stocks = ToyFact.objects.filter(source=COUNTER, measure="schools", superseded_at=None)
    change(list(stocks.filter(day__month=1)), day=date(2024, 3, 20))
    change(list(stocks.filter(day__month=10)), superseded_at=AT)
    seen.append(compare())
    assert all(one != other for one, other in pairwise(seen))


def test_leaves_are_not_compacted_where_the_window_cuts_one_or_a_plan_gives_another_kind(loaded: Loaded) -> None:
    """Then each fact comes as it is."""
    record(random.Random(8), 200)
    refresh(at=AT)
    kinds = {measure.code: measure.kind.value for measure in loaded.plan.measures if not measure.derived}

    def months(kinds: dict[str, str], **days: date) -> set[str]:
        return {Path(file).parent.name for file in read_leaves(installed_sources(), **days, kinds=kinds).files}

    whole = {"first": date(2023, 11, 15), "last": date(2024, 1, 14)}
    assert {"2023-11", "2023-12", "2024-01"} <= months(kinds, **whole)
    assert "2024-01" not in months(kinds, first=whole["first"], last=date(2024, 1, 13))
    assert months({**kinds, "meals_served": "stock"}, **whole) == set()


def test_what_was_known_since_the_last_change_of_a_month_is_what_holds(loaded: Loaded) -> None:
    """Compacted leaves serve it then: a closed month is computed again out of few rows. Asked for a moment before, facts come."""
    record(random.Random(9), 200)
    refresh(at=AT)
    kinds = {measure.code: measure.kind.value for measure in loaded.plan.measures if not measure.derived}
    days = {"first": date(2023, 11, 1), "last": date(2023, 11, 30)}
    month = lake.load().sources[COUNTER].months["2023-11"]
    settled = datetime.fromisoformat(month.settled_at)
    changes = ToyFact.objects.filter(source=COUNTER, day__range=days.values()).values_list(
        "recorded_at", "superseded_at"
    )
    assert settled == max(moment for row in changes for moment in row if moment)

    def compacted(at: datetime) -> set[str]:
        files = read_leaves(installed_sources(), **days, kinds=kinds, known_at=at).files
        return {str(Path(file).relative_to(lake.folder())) for file in files}

    assert month.leaves.path in compacted(settled)
    assert month.leaves.path not in compacted(settled - timedelta(microseconds=1))


def test_a_month_that_comes_in_pieces_is_written_as_one_that_lies_in_memory(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same facts and the same leaves, whole by every check."""
    record(random.Random(10), 300)
    kinds = {measure.code: measure.kind.value for measure in loaded.plan.measures if not measure.derived}

    def written(at_once: int) -> tuple[Counter[str], Counter[str]]:
        monkeypatch.setattr(refreshing, "_ROWS_AT_ONCE", at_once)
        monkeypatch.setattr(extraction, "_BATCH_ROWS", at_once)
        refresh(at=AT, everything=True)
        assert [fault for check in checks() for fault in check.faults] == []
        leaves = read_leaves(installed_sources(), **QUESTIONS["a period"], kinds=kinds).files
        return asked(QUESTIONS["a period"]), plain(pa.concat_tables(map(pq.read_table, leaves)))

    assert written(7) == written(1000)


# -- refreshing ------------------------------------------------------------------------------------------------------
def files() -> dict[str, int]:
    return {file.path: (lake.folder() / file.path).stat().st_mtime_ns for file in lake.load().files()}


def test_a_refresh_writes_only_the_months_that_changed(loaded: Loaded) -> None:
    """
    Files of other months keep name and time, but for balances of records after it; a file that was replaced stays for who reads it,
    then it goes.
    """

    def is_written(path: str) -> bool:
        *part, month, _name = path.split("/")
        return month == "2023-11" or (part == ["balances"] and month > "2023-11")

    record(random.Random(1), 200)
    refresh(at=AT)
    before = files()
    assert not refresh(at=AT)
    assert files() == before

    record(random.Random(2), 30, since=date(2023, 11, 2), until=date(2023, 11, 9))
    done = refresh(at=AT)
    after = files()
    assert {code: months for code, months in done.months.items() if months} == {
        COUNTER: ("2023-11",),
        FILE: ("2023-11",),
    }
    kept = {path: time for path, time in before.items() if not is_written(path)}
    assert {path: time for path, time in after.items() if not is_written(path)} == kept
    replaced = set(before) - set(after)
    assert replaced == {path for path in before if is_written(path)}
    assert {path.split("/")[1] for path in replaced if path.startswith("balances/")} == {
        "2023-11",
        "2023-12",
        "2024-01",
    }
    assert all((lake.folder() / path).exists() for path in replaced)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refreshing, "GRACE_SECONDS", -1)
        assert not refresh(at=AT)
    assert not any((lake.folder() / path).exists() for path in replaced)
    assert all((lake.folder() / path).exists() for path in after)
    assert refresh(at=AT, everything=True).rows == ToyFact.objects.count()
    assert not set(files()) & set(after), "a file is never written twice"


def test_a_month_that_lost_its_facts_and_a_source_that_asks_otherwise(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither leaves anything behind that is read."""
    record(random.Random(3), 50)
    refresh(at=AT)
    with transaction.atomic():
        ToyFact.objects.filter(source=COUNTER, day__lt=date(2023, 11, 1)).delete()
        for leaf in (date(2023, 10, 1), date(2023, 10, 15)):
            facts_changed(source=COUNTER, day=leaf)
    refresh(at=AT)
    assert "2023-10" not in lake.load().sources[COUNTER].months
    assert asked(QUESTIONS["known earlier"]) == without_lake(QUESTIONS["known earlier"])

    monkeypatch.setattr(reading, "asks", lambda _facts, _vendor: "another question")
    assert rows_in_tables(lambda: asked(QUESTIONS["a period"])), "files of another question are not read"
    monkeypatch.setattr(refreshing, "asks", lambda _facts, _vendor: "another question")
    assert set(refresh(at=AT).months[COUNTER]) == set(lake.load().sources[COUNTER].months)
    assert rows_in_tables(lambda: asked(QUESTIONS["a period"])) == []


def test_a_refresh_reads_one_state_while_facts_are_written(loaded: Loaded) -> None:
    """A writer adds facts, each with its counter, all the time: every state of the lake holds as many rows as its counters say."""
    stop, written = threading.Event(), []

    def write() -> None:
        chance = random.Random(4)
        try:
            while not stop.is_set():
                record(chance, 1, since=date(2024, 1, 1))
                written.append(1)
        finally:
            connection.close()

    record(random.Random(5), 40, since=date(2024, 1, 1))
    added: dict[str, Counter[date]] = {code: Counter() for code in (COUNTER, FILE)}
    for fact in ToyFact.objects.all():
        added[fact.source][leaf_of(fact.day)] += 1
    already = {code: {leaf: counter[0] for leaf, counter in each.items()} for code, each in _counters().items()}
    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    try:
        for _time in range(8):
            refresh(at=AT)
            for code in (COUNTER, FILE):
                source = lake.load().sources[code]
                rows = sum(month.rows for month in source.months.values())
                changes = sum(counter[0] - already[code].get(leaf, 0) for leaf, counter in source.counters.items())
                assert rows == sum(added[code].values()) + changes
                seen.add((code, rows))
    finally:
        stop.set()
        writer.join()
    assert len(written) > 3
    assert len(seen) > 3


def _counters() -> dict[str, Any]:
    with extraction.snapshot() as database:
        return database.counters()


def test_kill_9_at_any_point_of_a_refresh(loaded: Loaded) -> None:
    """
    Five times: the checks hold at once, every question has the answer of the database, before and after the next change, and each
    figure too, which balances of records make.
    """
    chance = random.Random(9)
    record(chance, 300)

    def found() -> list[Any]:
        forget_boards()
        return list(figures(FigureQuery(loaded=loaded, windows=("2024-01",), revision=1)))

    with victims(
        str(connection.settings_dict["NAME"]), dict(os.environ) | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    ) as process:
        for wait in random_waits(5, longest=0.5, seed=9):
            process.kill_one(wait)
            assert [fault for check in checks() for fault in check.faults] == []
            assert asked(QUESTIONS["cut in leaves"]) == without_lake(QUESTIONS["cut in leaves"])
            by_lake = found()
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(lake, "load", lake.Manifest)
                assert by_lake == found()
            record(chance, 5)
            assert asked(QUESTIONS["cut in leaves"]) == without_lake(QUESTIONS["cut in leaves"])
    refresh(at=AT)
    assert lake.strays(lake.load()) == []


# -- told to the operator --------------------------------------------------------------------------------------------
def command(*arguments: str, code: int = 0) -> str:
    out = StringIO()
    with pytest.raises(SystemExit) if code else nullcontext() as ended:
        call_command("lake", *arguments, stdout=out, stderr=out)
    assert not code or ended.value.code == code
    return out.getvalue()


def test_status_and_refresh_tell_what_is_stale(loaded: Loaded) -> None:
    record(random.Random(10), 100)
    assert "(not read yet)" in command("status")
    assert "toy.counter: 4 months written anew: 2023-10, 2023-11, 2023-12, 2024-01" in command("refresh")
    assert "Nothing has changed." in command("refresh")
    record(random.Random(11), 5, since=date(2024, 1, 20))
    lines = json.loads(command("status", "--json"))
    assert sum(line["rows"] for line in lines) == 100
    assert {line["month"] for line in lines if not line["is_clean"]} == {"2024-01"}
    assert "2 changed since they were read." in command("status")
    assert {line.is_clean for line in status()} == {True, False}
    assert any("2024-01" in line for line in refresh_lake(AT))
    assert list(refresh_lake(AT)) == []
    assert "written anew: 2023-10, 2023-11, 2023-12, 2024-01" in command("refresh", "--all")


def test_check_names_each_fault(loaded: Loaded) -> None:
    """A byte, a file that is gone, a row that came into the database without its counter."""
    record(random.Random(12), 100)
    refresh(at=AT)
    assert "FAIL" not in command("check")
    byte, gone = (lake.folder() / file.path for file in list(lake.load().files())[:2])
    content = bytearray(byte.read_bytes())
    content[len(content) // 2] ^= 1
    byte.write_bytes(content)
    gone.unlink()
    fact = ToyFact.objects.filter(day__gte=date(2024, 1, 1)).first()
    ToyFact.objects.filter(pk=fact.pk).delete()
    said = command("check", code=1)
    assert f"{byte.relative_to(lake.folder())}: its bytes are not those that were written" in said
    assert f"{gone.relative_to(lake.folder())}: No such file or directory" in said
    assert f"{fact.source} {fact.measure} {month_of(fact.day)}: " in said
    refresh(at=AT, everything=True)
    assert "FAIL" not in command("check")


def test_a_damaged_lake_is_not_believed(loaded: Loaded, caplog: pytest.LogCaptureFixture) -> None:
    """A file that cannot be read, then a manifest that is none: the database is asked, the command says what to do, a refresh mends it."""
    record(random.Random(13), 100)
    question = QUESTIONS["a period"]
    wanted = asked(question)
    refresh(at=AT)
    kinds = {measure.code: measure.kind.value for measure in loaded.plan.measures if not measure.derived}
    one, other = list(lake.load().files())[:2]
    (lake.folder() / one.path).write_bytes(b"\0" * one.bytes)
    (lake.folder() / other.path).unlink()
    assert asked(question) == wanted
    for file in lake.load().files():
        (lake.folder() / file.path).write_bytes(b"cut off")
    assert asked(question) == wanted
    assert read_leaves(installed_sources(), **question, kinds=kinds).files == ()
    assert "lake check" in caplog.text
    assert refresh(at=AT).rows == 100, "a refresh finds lost files too"
    assert "FAIL" not in command("check")
    (lake.folder() / "manifest.json").write_text('{"format": 1, "serial"')
    assert asked(question) == wanted
    assert "diem06 lake refresh" in command("check", code=2)
    refresh(at=AT)
    assert "FAIL" not in command("check")
    assert asked(question) == wanted


def test_without_a_plan_nothing_is_compacted_and_everything_is_read() -> None:
    """A deployment that has not begun yet."""
    assert not refresh(at=AT).rows
    record(random.Random(14), 20)
    refresh(at=AT)
    assert asked(QUESTIONS["cut in leaves"]) == without_lake(QUESTIONS["cut in leaves"])
    assert (
        sum(pq.read_metadata(lake.folder() / file.path).num_rows for file in lake.load().files() if file.measure) == 20
    )
    with pytest.raises(LookupError):
        loaded_plan()


def test_a_change_is_told_of_a_source_and_in_its_transaction(loaded: Loaded) -> None:
    """A word that is no source would leave the lake stale, and a counter without its fact too."""
    with transaction.atomic(), pytest.raises(ValueError, match="no installed source"):
        facts_changed(source="toy.conter", day=FIRST)
    with pytest.raises(RuntimeError):
        facts_changed(source=COUNTER, day=FIRST)
    before = changes_until(FIRST)
    with transaction.atomic():
        facts_changed(source=COUNTER, day=date(2023, 10, 14))
        facts_changed(source=FILE, day=FIRST)
        facts_changed(source=FILE, day=date(2023, 10, 15))
    assert changes_until(FIRST) == before + 2
    stamps = [row.stamp for row in ChangedFacts.objects.filter(source__in=(COUNTER, FILE))]
    assert len(set(stamps)) == 3
