"""
Made-up facts as skewed as real ones, and what is asked of them: flows, stocks of records and counts of people, 40 lines of 80 sides.

A few communes, people and offices have most of the facts, and most facts are recent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb

from diem06.cube.engine.balance import balances
from diem06.cube.engine.compact import compact
from diem06.cube.engine.request import FACTS, CoverageRow, Pairing, Request, SourceRow, Span, TermRow
from diem06.cube.engine.runner import in_files

MONTHS = 36
FLOWS = tuple(f"flow_{number:02}" for number in range(14))
STOCKS = tuple(f"stock_{number}" for number in range(3))
COUNTS = tuple(f"people_{number}" for number in range(3))
MEASURES = (*FLOWS, *STOCKS, *COUNTS)
SHARES = {**dict.fromkeys(FLOWS, 0.6 / len(FLOWS)), **dict.fromkeys(STOCKS, 0.1 / 3), **dict.fromkeys(COUNTS, 0.1)}
KINDS = {**dict.fromkeys(FLOWS, "flow"), **dict.fromkeys(STOCKS, "stock"), **dict.fromkeys(COUNTS, "distinct")}
FIRST_YEAR = 2023
SINCE = date(2020, 1, 1)
VISITS, REGISTER = "visits", "register"
SOURCES = (
    SourceRow(code=VISITS, rank=0, is_record_stock=False, carries=False),
    SourceRow(code=REGISTER, rank=0, is_record_stock=True, carries=False),
)


@dataclass(frozen=True)
class Made:
    """
    Facts made, in a folder: a file per measure and month, sorted by day; and what the lake keeps of them, a file per source and month:
    `leaves` of what adds up, and of stocks the last states of `records` and their `balances`.
    """

    folder: Path
    facts: int
    districts: int = 10
    communes: int = 209

    @property
    def people(self) -> int:
        return 200_000 + self.facts // 100

    @property
    def spilling(self) -> str:
        """Where DuckDB puts what exceeds its memory."""
        return f"SET temp_directory = '{self.folder / 'spill'}'"

    @property
    def parent(self) -> dict[str, str]:
        """The parent of each area, empty for the province."""
        districts = {f"24{number:02}": "24" for number in range(self.districts)}
        return {"24": "", **districts, **{str(24000 + n): f"24{n % self.districts:02}" for n in range(self.communes)}}

    def files(self, kind: str = "", months: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the files of a kind of measure (`flow`, `stock`, `people`), of some months or all."""
        return self._found("facts", months, kind)

    def leaves(self, months: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the files that a rollup of some months reads, or of all."""
        return self._found("leaves", months) + self.balances(months)

    def balances(self, months: tuple[str, ...] = ()) -> tuple[str, ...]:
        return self._found("balances", months)

    def records(self, months: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the files of the last states of records, of some months or all."""
        return self._found("records", months)

    def _found(self, part: str, months: tuple[str, ...], start: str = "") -> tuple[str, ...]:
        paths = sorted((self.folder / part).glob(f"{start}*/month=*/*.parquet"))
        return tuple(str(path) for path in paths if not months or path.parent.name[6:] in months)


def months() -> tuple[tuple[str, date, date], ...]:
    """Return code, first and last day."""
    firsts = [date(FIRST_YEAR + number // 12, number % 12 + 1, 1) for number in range(MONTHS + 1)]
    return tuple((f"{first:%Y-%m}", first, after - timedelta(days=1)) for first, after in pairwise(firsts))


LAST_MONTH = months()[-1]


def make(made: Made) -> None:
    """Write the facts."""
    with duckdb.connect() as engine:
        engine.execute(
            f"SET threads = 2; SET preserve_insertion_order = false; SET memory_limit = '8GB'; {made.spilling}"
        )
        engine.execute("SELECT setseed(0.6)")
        for measure, part in SHARES.items():
            kind = KINDS[measure]
            path = made.folder / "facts" / measure
            path.mkdir(parents=True)
            engine.execute(
                f"""
                COPY (SELECT *, strftime(day, '%Y-%m') AS month FROM (
                    SELECT '{measure}' AS measure, '{REGISTER if kind == "stock" else VISITS}' AS source,
                           CAST(DATE '{FIRST_YEAR}-01-01' + CAST(floor({MONTHS * 30} * sqrt(random())) AS INTEGER) AS DATE) AS day,
                           TIMESTAMPTZ '2023-01-01 00:00:00+00' + to_seconds(i) AS recorded_at,
                           CAST(24000 + c AS VARCHAR) AS area, DATE '{SINCE}' AS area_valid_from,
                           'ubnd-' || CAST(24000 + c AS VARCHAR) || CASE WHEN u < 0.2 THEN '-b' ELSE '-a' END AS unit,
                           CASE WHEN u < 0.5 THEN '' ELSE 'gate:' || CAST(c AS VARCHAR) END AS place,
                           CASE WHEN o < 0.45 THEN 'channel=online' ELSE 'channel=desk' END
                               || CASE WHEN s < 0.5 THEN ';sex=f' ELSE ';sex=m' END AS dimensions,
                           {"sha256(CAST(p AS VARCHAR))[1:40]" if kind == "distinct" else "''"} AS entity,
                           CAST(CASE WHEN '{kind}' = 'flow' THEN 1 + floor(9 * pow(random(), 3)) ELSE 1 END AS BIGINT) AS value,
                           CAST(CASE WHEN '{kind}' = 'stock' THEN p ELSE i END AS VARCHAR) AS record, CAST(1 AS BIGINT) AS n
                    FROM (
                        SELECT i, CAST(floor({made.communes} * pow(random(), 2.5)) AS INTEGER) AS c, random() AS u,
                               random() AS o, random() AS s, CAST(floor({made.people} * pow(random(), 2)) AS INTEGER) AS p
                        FROM range({round(made.facts * part)}) r(i)
                    ) made
                ) ORDER BY day) TO '{path}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (month))
                """
            )


def make_leaves(made: Made, only: str = "") -> None:
    """Write what the lake keeps of each month, or, after a change, of one; what comes after that stays as it is."""
    codes = tuple(code for code, _first, _last in months() if only in ("", code))
    with duckdb.connect() as engine:
        engine.execute(
            f"SET threads = 2; SET preserve_insertion_order = false; SET memory_limit = '4GB'; {made.spilling}"
        )

        def write(select: str, part: str, source: str, month: str) -> None:
            path = made.folder / part / source / f"month={month}"
            path.mkdir(parents=True, exist_ok=True)
            engine.execute(f"COPY ({select}) TO '{path}/{part}.parquet' (FORMAT parquet, COMPRESSION zstd)")

        for code in codes:
            for part, source, kinds in (("leaves", VISITS, ("flow", "people")), ("records", REGISTER, ("stock",))):
                if files := [file for kind in kinds for file in made.files(kind, (code,))]:
                    write(compact(engine, in_files(files), SOURCES, KINDS), part, source, code)
        earlier = tuple(code for code, _first, _last in months() if code < codes[0])
        engine.register("nothing", FACTS.empty_table())
        known = (made.records(earlier), made.balances(earlier[-1:])) if earlier else ((), ())
        records, before = (in_files(files) if files else "nothing" for files in known)
        select = balances(codes, in_files(made.records(codes)), records, before)
        engine.execute(f"CREATE TEMP TABLE balance AS {select}")
        for code in codes:
            write(f"SELECT * EXCLUDE (month) FROM balance WHERE month = '{code}'", "balances", REGISTER, code)


def terms(measures: tuple[str, ...]) -> Iterator[TermRow]:
    online, women = (("channel", ("online",)),), (("channel", ("online",)), ("sex", ("f",)))
    for measure in measures:
        for number, where in enumerate((online, women)):
            yield TermRow(part=f"{measure}/{number}", side="num", sign=1, measure=measure, where=where)
            yield TermRow(part=f"{measure}/{number}", side="den", sign=1, measure=measure, where=())


def request(
    made: Made,
    files: tuple[str, ...],
    *,
    windows: tuple[tuple[str, date, date], ...],
    measures: tuple[str, ...] = MEASURES,
) -> Request:
    """Return what the engine is asked: every line in every window, for everybody and for each unit."""
    parent = made.parent
    closure = []
    for area in parent:
        above = area
        while above:
            closure.append((area, above))
            above = parent[above]
    level = {2: "province", 4: "district", 5: "commune"}
    all_terms = tuple(terms(measures))
    return Request(
        facts=FACTS.empty_table(),
        files=files,
        sources=SOURCES,
        kinds=KINDS,
        terms=all_terms,
        root="24",
        spans=tuple(
            Span(
                code=code,
                first_day=first,
                last_day=last,
                stock_from=first,
                is_period=True,
                closure=tuple(closure),
                levels={area: level[len(area)] for area in parent},
                coverage=tuple(
                    CoverageRow(source=REGISTER if kind == "stock" else VISITS, measure=measure, area="", unit="")
                    for measure, kind in KINDS.items()
                ),
                pairing={term.part: Pairing.CELL for term in all_terms if KINDS[term.measure] != "distinct"},
            )
            for code, first, last in windows
        ),
    )
