"""The rules against the planted frauds: how many are flagged, how many honest unit-months are too, and what was missed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from diem06.cube.anomalies.observed import Lateness, Month, Ref, Series, SeriesKind, Sighting, Value
from diem06.cube.anomalies.rulebook import Rule, shipped
from diem06.cube.anomalies.rules import look
from tests.planted import JUDGED, Declared, Fraud, World, world

START = datetime(2024, 1, 1, tzinfo=UTC)
AREA = date(2020, 1, 1)


@dataclass(kw_only=True)
class Tally:
    """What was found in the months of some seeds."""

    frauds: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    misses: list[tuple[int, Fraud]] = field(default_factory=list)
    honest: int = 0
    alarms: int = 0
    alarms_by_rule: Counter[str] = field(default_factory=Counter)

    @property
    def share_flagged(self) -> float:
        return self.flagged.total() / self.frauds.total()

    @property
    def share_alarmed(self) -> float:
        return self.alarms / self.honest

    def lines(self) -> Iterable[str]:
        for kind, count in self.frauds.items():
            yield f"  {kind:<18} {self.flagged[kind]:>4} of {count:<4} {self.flagged[kind] / count:.1%}"
        yield f"  {'all frauds':<18} {self.flagged.total():>4} of {self.frauds.total():<4} {self.share_flagged:.1%}"
        yield f"  {'false alarms':<18} {self.alarms:>4} of {self.honest:<4} {self.share_alarmed:.2%} of honest unit-months"
        yield "  by rule: " + (", ".join(f"{code} {n}" for code, n in self.alarms_by_rule.most_common()) or "none")


def hunt(seeds: Iterable[int], rules: Iterable[Rule] | None = None) -> Tally:
    """Look at every judged month of the seeds with the shipped rules, or with `rules`."""
    chosen = list(shipped().rules if rules is None else rules)
    tally = Tally()
    for seed in seeds:
        made = world(seed)
        by_rule = {month: _flagged(chosen, made, month) for month in JUDGED}
        planted = {(fraud.unit, fraud.month): fraud for fraud in made.frauds}
        for month, found in by_rule.items():
            for unit in made.units:
                rules_here = [code for code, units in found.items() if unit in units]
                fraud = planted.get((unit, month))
                if fraud is None:
                    tally.honest += 1
                    tally.alarms += bool(rules_here)
                    tally.alarms_by_rule.update(rules_here)
                else:
                    tally.frauds[fraud.kind] += 1
                    tally.flagged[fraud.kind] += bool(rules_here)
                    if not rules_here:
                        tally.misses.append((seed, fraud))
    return tally


def _flagged(rules: list[Rule], made: World, month: int) -> dict[str, frozenset[str]]:
    days_late = next((rule["days_late"] for rule in rules if rule.code == "late_records"), 0)
    return {looked.rule: looked.flagged for looked in look(rules, _month(made, month, days_late))}


def _month(made: World, month: int, days_late: int) -> Month:
    past: dict[tuple[str, str], list[Declared]] = defaultdict(list)
    for row in made.declared:
        if row.month <= month:
            past[row.unit, row.measure].append(row)
    totals: Counter[tuple[str, str]] = Counter()
    late: Counter[tuple[str, str]] = Counter()
    for record in made.recorded:
        if record.month == month:
            totals[record.unit, record.measure] += record.count
            late[record.unit, record.measure] += record.count if record.lag >= days_late else 0
    return Month(
        series=tuple(
            Series(
                unit=unit,
                measure=measure,
                kind=SeriesKind.STOCK if rows[0].is_stock else SeriesKind.FLOW,
                dimensions="",
                area=unit,
                area_valid_from=AREA,
                values={
                    row.month - month: Value(number=row.number, ref=Ref("declared", f"{unit}/{measure}/{row.month}"))
                    for row in rows
                },
                evidenced=totals.get((unit, measure)),
            )
            for (unit, measure), rows in past.items()
        ),
        lateness=tuple(
            Lateness(
                unit=unit, measure=measure, source="records", area=unit, area_valid_from=AREA, days=days_late,
                late=late[unit, measure], total=total, refs=(),
            )
            for (unit, measure), total in totals.items()
        ),
        sightings=tuple(
            Sighting(
                ref=Ref("desks", str(event.id)), person=event.person, place=event.place, device=event.device,
                unit=event.unit, area=event.place, area_valid_from=AREA, district=event.place,
                at=START + timedelta(seconds=event.at), latitude=event.latitude, longitude=event.longitude,
            )
            for event in made.seen[month]
        ),
    )  # fmt: skip
