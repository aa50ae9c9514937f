"""Numbers that want a second look, in words: the list, one of them with its rows, the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from diem06.core.areas.queries import AreaTree, areas_on
from diem06.core.organisation.queries import UnitOn, units_on
from diem06.core.places.models import Place
from diem06.core.places.queries import terms_on
from diem06.core.plans.queries import Loaded
from diem06.core.roster import NamedRecord, installed_sources
from diem06.core.roster.sightings import Sighting
from diem06.core.ui.numbers import number
from diem06.cube.anomalies import queries
from diem06.cube.anomalies.rulebook import Rule, shipped
from diem06.cube.models import Anomaly, AnomalyAnswer, AnomalyState, AnswerKind, RuleSwitch
from diem06.plan.periods import code_on
from diem06.reports.measures import DECLARED
from diem06.reports.models import Explanation
from diem06.reports.screens.formulas import Dictionary
from diem06.reports.screens.outlook import is_english, period_name
from diem06.reports.screens.workbooks import Cell, Share, Sheet, written

MOST_IN_A_FILE = 5000


@dataclass(frozen=True, kw_only=True)
class AnomalyLine:
    """A finding in words."""

    row: Anomaly
    unit: str
    title: str
    sentence: str
    about: str  # the cell or place that it speaks of; empty: the unit's report as a whole

    @property
    def state_words(self) -> str:
        row = self.row
        if row.gone_at is not None:
            return str(row.get_gone_why_display())
        if row.put_at is None:
            return _("Chưa hỏi đơn vị")
        return str(row.get_state_display())

    @property
    def tone(self) -> str:
        row = self.row
        if row.gone_at is not None or row.state == AnomalyState.ACCEPTED:
            return "met"
        return "risk" if row.is_waiting else "none"

    @property
    def icon(self) -> str:
        return {"met": "circle-check", "risk": "alert-triangle", "none": "clock"}[self.tone]


@dataclass(frozen=True, kw_only=True)
class FactLine:
    """A row of facts behind a finding."""

    day: date
    what: str
    where: str
    value: int
    source: str
    recorded_at: datetime
    replaced: bool
    reason: str  # what the unit said of the value when it sent its report; empty: nothing was asked
    url: str  # of the record, or of the report that it was declared in; empty: it has no page


@dataclass(frozen=True, kw_only=True)
class ReadingLine:
    """A document that was read: when and where, never whose."""

    at: datetime
    place: str
    device: str
    record: str


@dataclass(frozen=True, kw_only=True)
class Story:
    """One finding with everything that its page shows."""

    line: AnomalyLine
    question: str
    facts: tuple[FactLine, ...]
    readings: tuple[ReadingLine, ...]
    answers: tuple[AnomalyAnswer, ...]

    @property
    def shown(self) -> int:
        return len(self.facts) + len(self.readings)


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """A rule with its state and how often it found something."""

    rule: Rule
    title: str
    question: str
    thresholds: str
    is_on: bool
    switched: RuleSwitch | None
    looked_at: int
    found: int

    @property
    def rate(self) -> Decimal | None:
        return Decimal(self.found) / self.looked_at if self.looked_at else None

    @property
    def demo_rate(self) -> Decimal | None:
        rule = self.rule
        return Decimal(rule.demo_found) / rule.demo_looked_at if rule.demo_looked_at else None


# -- the list ------------------------------------------------------------------------------------------------------------
def lines_of(loaded: Loaded, rows: Iterable[Anomaly]) -> list[AnomalyLine]:
    """Return findings in words. Queries do not grow with their number."""
    found = list(rows)
    words = _Words(loaded, found)
    return [words.line(row) for row in found]


def rule_lines(loaded: Loaded) -> list[RuleLine]:
    """Return every rule, the gravest first."""
    switched, rates = queries.switches(), queries.rates(loaded.plan)
    lines = []
    for rule in shipped().rules:
        row = switched.get(rule.code)
        looked_at, found = rates.get(rule.code, (0, 0))
        lines.append(
            RuleLine(
                rule=rule,
                title=title_of(rule.code),
                question=question_of(rule),
                thresholds=_thresholds(rule),
                is_on=row.is_on if row else rule.is_on,
                switched=row,
                looked_at=looked_at,
                found=found,
            )
        )
    return lines


def title_of(rule: str) -> str:
    """Return the words for a rule, in the language of the screen; of one that is no more, its code."""
    known = shipped().get(rule)
    if known is None:
        return rule
    return known.title_en if is_english() else known.title


def question_of(rule: Rule) -> str:
    """Return what the accountable unit is asked, in the language of the screen."""
    return rule.question_en if is_english() else rule.question


def unit_words(unit: UnitOn | None, code: str) -> str:
    """Return the name of a unit, in the language of the screen."""
    if unit is None:
        return code
    return (unit.name_en if is_english() else "") or unit.short or unit.name


def choices(loaded: Loaded) -> tuple[list[tuple[str, str]], list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the periods, rules and units that there are findings of, as (code, words)."""
    rows = queries.of_plan(loaded.plan).order_by().values_list("period__code", "period__last_day", "rule", "unit")
    seen = list(rows.distinct())
    days = {code: day for code, day, _rule, _unit in seen}
    units = units_on(max(days.values())) if days else {}
    names = {code: unit_words(units.get(code), code) for _period, _day, _rule, code in seen}
    rules = {code for _period, _day, code, _unit in seen}
    return (
        [(code, f"{days[code]:%m/%Y}") for code in sorted(days, reverse=True)],
        [(rule.code, title_of(rule.code)) for rule in shipped().rules if rule.code in rules],
        sorted(names.items(), key=lambda pair: pair[1]),
    )


# -- one of them ---------------------------------------------------------------------------------------------------------
def story(loaded: Loaded, row: Anomaly) -> Story:
    """Return a finding with its rows and what was said of it."""
    words = _Words(loaded, [row])
    rule = shipped().get(row.rule)
    readings = queries.sightings_behind(row)
    names = _places(readings, row.period.last_day)
    return Story(
        line=words.line(row),
        question=question_of(rule) if rule else "",
        facts=tuple(words.facts(row)),
        readings=tuple(
            ReadingLine(
                at=one.at, place=names.get(one.place, one.place), device=one.device.split("/")[0], record=one.record
            )
            for one in readings
        ),
        answers=tuple(row.answers.select_related("by", "file")),
    )


def _places(readings: Iterable[Sighting], day: date) -> dict[str, str]:
    return _place_names({one.place for one in readings}, day)


def _place_names(keys: Iterable[str], day: date) -> dict[str, str]:
    """Return the names of places by their keys."""
    wanted = [key.partition(":") for key in set(keys)]
    if not wanted:
        return {}
    rows = Place.objects.filter(kind__in={kind for kind, _, _code in wanted}, code__in={code for *_, code in wanted})
    terms = terms_on([row.pk for row in rows], day)
    return {term.key: term.name for term in terms.values()}


class _Words:
    """The words of the plan, areas, units and places, for some findings."""

    def __init__(self, loaded: Loaded, rows: Sequence[Anomaly]) -> None:
        self._loaded = loaded
        self._dictionary = Dictionary(loaded.plan)
        self._units: dict[date, Mapping[str, UnitOn]] = {}
        self._trees: dict[date, AreaTree] = {}
        keys = {str(row.facts[name]) for row in rows for name in ("place", "other_place") if name in row.facts}
        self._names = _place_names(keys, max((row.period.last_day for row in rows), default=date.max))

    def line(self, row: Anomaly) -> AnomalyLine:
        day = row.period.last_day
        if day not in self._units:
            self._units[day] = units_on(day)
        return AnomalyLine(
            row=row,
            unit=unit_words(self._units[day].get(row.unit), row.unit),
            title=title_of(row.rule),
            sentence=self._sentence(row),
            about=self._about(row),
        )

    def facts(self, row: Anomaly) -> Iterator[FactLine]:
        """Yield the rows behind a finding in words, each with the page of its record."""
        found = queries.facts_behind(row)
        sources = {source.code: source for source in installed_sources()}
        named: dict[str, NamedRecord] = {}
        for code in {one.source for one in found}:
            named |= sources[code].records({one.record for one in found if one.source == code})
        said = dict(
            Explanation.objects.filter(value__record__in=[one.record for one in found]).values_list(
                "value__record", "text"
            )
        )
        for one in found:
            yield FactLine(
                day=one.day,
                what=self._cell(one.measure, one.dimensions),
                where=self._area(one.area, one.day),
                value=one.value,
                source=str(sources[one.source].title),
                recorded_at=one.recorded_at,
                replaced=one.superseded_at is not None,
                reason=said.get(one.record, ""),
                url=named[one.record].url if one.record in named else self._report(one, row.unit),
            )

    def _report(self, one: queries.FactBehind, unit: str) -> str:
        code = code_on(self._loaded.plan, one.day) if one.source == DECLARED else None
        return reverse("entry", args=(code, unit)) if code else ""

    def _cell(self, measure: str, dimensions: str) -> str:
        parts = (self._dictionary.measure(measure), self._dictionary.dimensions(dimensions) if dimensions else "")
        return ", ".join(part for part in parts if part)

    def _area(self, code: str, day: date) -> str:
        if day not in self._trees:
            self._trees[day] = areas_on(day)
        tree = self._trees[day]
        return tree.get(code).name if code in tree else code

    def _about(self, row: Anomaly) -> str:
        if row.measure:
            cell = self._cell(row.measure, row.dimensions)
            return f"{cell} · {self._area(row.area, row.period.last_day)}" if row.area else cell
        return ""

    def _sentence(self, row: Anomaly) -> str:
        facts = {
            name: number(value) if isinstance(value, int) else self._names.get(str(value), str(value))
            for name, value in row.facts.items()
        }
        return _SENTENCES[row.rule](row, facts) if row.rule in _SENTENCES else ""


# -- sentences -----------------------------------------------------------------------------------------------------------
Facts = Mapping[str, str]


def _copied(row: Anomaly, facts: Facts) -> str:
    if row.facts["months_back"] == 1:
        return _("%(same)s trong %(compared)s ô bằng đúng số của kỳ liền trước.") % facts
    return _("%(same)s trong %(compared)s ô bằng đúng số của %(months_back)s kỳ trước.") % facts


def _above(row: Anomaly, facts: Facts) -> str:  # noqa: ARG001  the signature of every sentence
    return _("Đơn vị báo cáo %(declared)s; bản ghi gốc có %(evidenced)s. Chênh %(excess)s.") % facts


def _late(row: Anomaly, facts: Facts) -> str:  # noqa: ARG001
    return _("%(late)s trong %(total)s được ghi sau ngày phát sinh từ %(days)s ngày trở lên.") % facts


def _distant(row: Anomaly, facts: Facts) -> str:
    known = {"apart": ""}
    if int(row.facts["kilometres"]) >= 0:
        known = {"apart": _(", cách nhau %(kilometres)s km") % facts}
    return (
        _("%(people)s người có giấy tờ quét ở %(place)s và %(other_place)s%(apart)s, sớm nhất sau %(minutes)s phút.")
        % (dict(facts) | known)
    )  # fmt: skip


def _crowded(row: Anomaly, facts: Facts) -> str:  # noqa: ARG001
    return _("%(most)s lượt trong một phút ở %(place)s; %(events)s lượt dồn như vậy trong kỳ.") % facts


def _same(row: Anomaly, facts: Facts) -> str:  # noqa: ARG001
    return _("Số %(value)s lặp lại %(months)s kỳ liền.") % facts


def _jump(row: Anomaly, facts: Facts) -> str:  # noqa: ARG001
    return _("Kỳ đến hạn báo cáo %(value)s; trước đó %(before)s. Tăng %(rise)s.") % facts


def _rise(row: Anomaly, facts: Facts) -> str:  # noqa: ARG001
    return (
        _("%(rising)s trong %(compared)s số cùng tăng, bằng %(percent)s%% các kỳ trước; các đơn vị khác bằng %(others_percent)s%%.")
        % facts
    )  # fmt: skip


def _round(row: Anomaly, facts: Facts) -> str:  # noqa: ARG001
    return _("%(round)s trong %(values)s số có chữ số cuối 0 hoặc 5. Số đếm thường có một phần năm.") % facts


_SENTENCES: Mapping[str, Callable[[Anomaly, Facts], str]] = {
    "copied_month": _copied,
    "above_evidence": _above,
    "late_records": _late,
    "distant_places": _distant,
    "crowded_minute": _crowded,
    "all_rise": _rise,
    "same_for_months": _same,
    "jump_before_deadline": _jump,
    "round_numbers": _round,
}


def _thresholds(rule: Rule) -> str:
    """Say when a rule speaks up."""
    values = {name: number(value) for name, value in rule.thresholds.items()}
    words = {
        "copied_month": _("Ít nhất %(share_percent)s%% của từ %(least_cells)s ô bằng một kỳ trong %(months_back)s kỳ trước."),
        "above_evidence": _("Từ %(ratio_percent)s%% của bản ghi gốc và chênh ít nhất %(smallest_excess)s."),
        "late_records": _("Ghi sau %(days_late)s ngày, ít nhất %(least_late)s và %(share_percent)s%% của kỳ."),
        "distant_places": _("Trong %(minutes)s phút, cách từ %(kilometres)s km, nhanh hơn %(kilometres_an_hour)s km/giờ; từ %(least_people)s người."),
        "crowded_minute": _("Từ %(events)s lượt trong %(seconds)s giây."),
        "all_rise": _("Ít nhất %(share_percent)s%% của từ %(least_cells)s số tăng, mức giữa từ %(ratio_percent)s%% của %(months)s kỳ trước."),
        "same_for_months": _("Từ %(months)s kỳ liền, số từ %(smallest_value)s."),
        "jump_before_deadline": _("Tăng từ %(factor_percent)s%% mức tăng thường thấy, ít nhất %(smallest_rise)s."),
        "round_numbers": _("Từ %(least_values)s số; ngẫu nhiên chỉ gặp %(chance_in_a_million)s lần trong một triệu."),
    }  # fmt: skip
    return words[rule.code] % values if rule.code in words else ""


# -- as an Excel file ----------------------------------------------------------------------------------------------------
def workbook(loaded: Loaded, lines: Sequence[AnomalyLine]) -> bytes:
    """Return findings as a workbook, with the last explanation of each."""
    pks = [line.row.pk for line in lines]
    said: dict[int, str] = dict(
        AnomalyAnswer.objects.filter(anomaly__in=pks, kind=AnswerKind.EXPLAINED).values_list("anomaly_id", "text")
    )
    rows: list[tuple[Cell | Share, ...]] = [
        (
            period_name(line.row.period),
            line.unit,
            line.title,
            line.about,
            line.sentence,
            line.row.rows,
            line.state_words,
            f"{timezone.localtime(line.row.found_at):%H:%M %d/%m/%Y}",
            said.get(line.row.pk, ""),
        )
        for line in lines
    ]
    sheet = Sheet(
        name=_("Số liệu cần kiểm tra"),
        lines=(_("Số liệu cần kiểm tra"), _("Quy tắc chỉ nêu câu hỏi; đơn vị giải trình, cơ quan thường trực xem.")),
        head=(
            _("Kỳ"),
            _("Đơn vị"),
            _("Quy tắc"),
            _("Số đo, địa bàn"),
            _("Nội dung"),
            _("Số dòng"),
            _("Trạng thái"),
            _("Thấy lúc"),
            _("Giải trình"),
        ),
        rows=rows,
        widths=(10, 28, 34, 44, 60, 10, 24, 18, 60),
    )
    return written((sheet,), is_made_up=loaded.is_made_up)
