"""What is written about numbers that want a second look: what was found, what was answered, which rules are on."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from diem06.core.audit.actions import record
from diem06.core.evidence.actions import store_file
from diem06.core.evidence.models import FileKind, StoredFile
from diem06.core.plans.models import Period
from diem06.core.plans.queries import Loaded
from diem06.cube.anomalies import queries
from diem06.cube.anomalies.gathering import gather
from diem06.cube.anomalies.observed import Looked, Oddity
from diem06.cube.anomalies.rulebook import Rule, shipped
from diem06.cube.anomalies.rules import look
from diem06.cube.models import Anomaly, AnomalyAnswer, AnomalyRun, AnomalyState, AnswerKind, GoneWhy, RuleSwitch

MOST_PUT: Final = 5
"""So many findings of a period at most are put to a unit: it has other work too."""
LONGEST_TEXT: Final = 1000
TAKEN: Final = frozenset({FileKind.PDF, FileKind.WORD, FileKind.EXCEL, FileKind.OLD_EXCEL, FileKind.PNG, FileKind.JPEG})


class AnomalyError(ValueError):
    """Something that cannot be said of a finding as it stands."""


class NotPutError(AnomalyError):
    """The finding is not put to the unit, or stands no more, or has been accepted."""


class NotExplainedError(AnomalyError):
    """The standing office judges an explanation, and there is none that waits for it."""


class EmptyTextError(AnomalyError):
    """Nothing was written."""


class UnknownRuleError(AnomalyError):
    """There is no such rule."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a look at a period changed. `was_needed`: False where nothing had changed since the last one."""

    period: str
    was_needed: bool
    new: int = 0
    changed: int = 0
    gone: int = 0
    put: int = 0
    counts: Mapping[str, tuple[int, int]] = ()  # type: ignore[assignment]

    @property
    def is_news(self) -> bool:
        return bool(self.new or self.changed or self.gone or self.put)


# -- finding -------------------------------------------------------------------------------------------------------------
def find(*, loaded: Loaded, period: Period, at: datetime, by: int | None = None, again: bool = True) -> Outcome:
    """
    Look at a period by the rules that are on, and bring what is kept up to it. Doing it twice changes nothing.

    What is found no more stays, and says since when and why; what is answered stays answered while its numbers are the same.
    `again` False: only where facts, rules or switches changed since the last look.
    """
    rules = queries.rules_on()
    state = _state_of(period, rules)
    last = AnomalyRun.objects.filter(period=period).first()
    if last is not None and last.state == state and not again:
        return Outcome(period=period.code, was_needed=False)
    month = gather(loaded.plan, period, rules)
    looked = list(look(rules, month))
    nameless = {(one.ref.source, one.ref.record) for one in month.sightings if not one.person}
    with transaction.atomic():
        Period.objects.select_for_update().get(pk=period.pk)
        return _keep(period, rules, looked, nameless, state=state, at=at, by=by)


def _state_of(period: Period, rules: Iterable[Rule]) -> str:
    """Return what is the same as long as a look would find the same."""
    on = ",".join(rule.code for rule in rules)
    return hashlib.sha256(f"{shipped().hash}/{on}/{queries.facts_until(period)}".encode()).hexdigest()


def _keep(
    period: Period,
    rules: Iterable[Rule],
    looked: Iterable[Looked],
    nameless: Collection[tuple[str, str]],
    *,
    state: str,
    at: datetime,
    by: int | None,
) -> Outcome:
    gravity = {rule.code: rule.gravity for rule in rules}
    known = {_key_of(row): row for row in Anomaly.objects.filter(period=period)}
    new, changed, seen = [], 0, set()
    looked = list(looked)
    for one in (oddity for each in looked for oddity in each.found):
        key = (one.rule, one.unit, one.area, one.measure, one.dimensions, one.place)
        seen.add(key)
        row = known.get(key)
        if row is None:
            new.append(_row(period, one, gravity[one.rule], at))
        elif _renew(row, one, at):
            changed += 1
    gone = [
        row
        for key, row in known.items()
        if key not in seen and row.gone_at is None and not (row.rule in gravity and _is_forgotten(row, nameless))
    ]
    for row in gone:
        row.gone_at, row.gone_why = at, GoneWhy.CHANGED if row.rule in gravity else GoneWhy.OFF
        row.save(update_fields=["gone_at", "gone_why"])
    Anomaly.objects.bulk_create(new, batch_size=500)
    put = _put(period, at)
    counts = {each.rule: (len(each.units), len(each.flagged)) for each in looked}
    AnomalyRun.objects.update_or_create(period=period, defaults={"at": at, "state": state, "counts": counts})
    outcome = Outcome(
        period=period.code, was_needed=True, new=len(new), changed=changed, gone=len(gone), put=put, counts=counts
    )
    if outcome.is_news:
        details = {"new": len(new), "changed": changed, "gone": len(gone), "put": put}
        _record("anomalies.find", "period", str(period), details, at=at, by=by)
    return outcome


def _is_forgotten(row: Anomaly, nameless: Collection[tuple[str, str]]) -> bool:
    """Tell whether a finding about people rests on readings whose identity is not kept any more: then nobody can say that it went."""
    return row.rule == _OF_PEOPLE and any((source, record) in nameless for source, record in row.refs)


_OF_PEOPLE = "distant_places"


def _key_of(row: Anomaly) -> tuple[str, ...]:
    return (row.rule, row.unit, row.area, row.measure, row.dimensions, row.place)


def _row(period: Period, one: Oddity, gravity: int, at: datetime) -> Anomaly:
    return Anomaly(
        period=period,
        rule=one.rule,
        unit=one.unit,
        area=one.area,
        measure=one.measure,
        dimensions=one.dimensions,
        place=one.place,
        gravity=gravity,
        size=one.size,
        facts=dict(one.facts),
        refs=[[ref.source, ref.record] for ref in one.refs],
        rows=one.rows,
        found_at=at,
        changed_at=at,
    )


def _renew(row: Anomaly, one: Oddity, at: datetime) -> bool:
    """Bring a finding up to what is found now; what was answered answers it only while its numbers are the same."""
    refs = [[ref.source, ref.record] for ref in one.refs]
    is_same = row.facts == dict(one.facts) and row.refs == refs and row.rows == one.rows
    if is_same and row.gone_at is None:
        return False
    if not is_same:
        row.facts, row.refs, row.rows, row.size, row.changed_at = dict(one.facts), refs, one.rows, one.size, at
        row.state = AnomalyState.OPEN
    row.gone_at, row.gone_why = None, ""
    row.save()
    return True


def _put(period: Period, at: datetime) -> int:
    """Put the gravest findings to their units, MOST_PUT of each at most; what was put stays put."""
    taken: dict[str, int] = {}
    waiting: list[Anomaly] = []
    for row in Anomaly.objects.filter(period=period).order_by("gravity", "-size", *_ORDER):
        if row.put_at is not None:
            taken[row.unit] = taken.get(row.unit, 0) + 1
        elif row.gone_at is None:
            waiting.append(row)
    chosen = []
    for row in waiting:
        if taken.get(row.unit, 0) < MOST_PUT:
            taken[row.unit] = taken.get(row.unit, 0) + 1
            row.put_at = at
            chosen.append(row)
    Anomaly.objects.bulk_update(chosen, ["put_at"], batch_size=500)
    return len(chosen)


_ORDER = ("rule", "measure", "dimensions", "area", "place")


# -- answering -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def explain(
    *, anomaly: Anomaly, text: str, at: datetime, by: int | None, name: str = "", content: bytes = b""
) -> AnomalyAnswer:
    """
    Keep what the accountable unit says of a finding, with a document where it has one.

    Raises NotPutError, EmptyTextError, `evidence.actions.FileError` for a file that is not kept.
    """
    row = _held(anomaly)
    if row.put_at is None or row.gone_at is not None or row.state == AnomalyState.ACCEPTED:
        raise NotPutError(str(row))
    words = _text(text)
    file = store_file(content=content, name=name, allowed=TAKEN, at=at, by=by) if name else None
    return _answer(row, AnswerKind.EXPLAINED, AnomalyState.EXPLAINED, words, at=at, by=by, file=file)


@transaction.atomic
def accept(*, anomaly: Anomaly, at: datetime, by: int | None, text: str = "") -> AnomalyAnswer:
    """Accept an explanation, for the standing office. Raises NotExplainedError."""
    row = _held(anomaly)
    if row.state != AnomalyState.EXPLAINED:
        raise NotExplainedError(str(row))
    return _answer(row, AnswerKind.ACCEPTED, AnomalyState.ACCEPTED, text.strip()[:LONGEST_TEXT], at=at, by=by)


@transaction.atomic
def ask_back(*, anomaly: Anomaly, text: str, at: datetime, by: int | None) -> AnomalyAnswer:
    """Ask the unit once more, for the standing office. Raises NotExplainedError, EmptyTextError."""
    row = _held(anomaly)
    if row.state != AnomalyState.EXPLAINED:
        raise NotExplainedError(str(row))
    return _answer(row, AnswerKind.ASKED_BACK, AnomalyState.ASKED_BACK, _text(text), at=at, by=by)


def _held(anomaly: Anomaly) -> Anomaly:
    return Anomaly.objects.select_for_update(of=("self",)).select_related("period").get(pk=anomaly.pk)


def _text(text: str) -> str:
    if not (words := text.strip()):
        raise EmptyTextError("text")
    return words[:LONGEST_TEXT]


def _answer(
    row: Anomaly,
    kind: AnswerKind,
    state: AnomalyState,
    text: str,
    *,
    at: datetime,
    by: int | None,
    file: StoredFile | None = None,
) -> AnomalyAnswer:
    answer = AnomalyAnswer.objects.create(
        anomaly=row, kind=kind, text=text, file=file, facts=row.facts, at=at, by_id=by
    )
    row.state = state
    row.save(update_fields=["state"])
    details: dict[str, Any] = {"rule": row.rule, "unit": row.unit, "period": row.period.code, "text": text}
    if file is not None:
        details["sha256"] = file.sha256
    _record(f"anomaly.{_VERBS[kind]}", "anomaly", str(row.pk), details, at=at, by=by)
    return answer


_VERBS = {AnswerKind.EXPLAINED: "explain", AnswerKind.ACCEPTED: "accept", AnswerKind.ASKED_BACK: "ask_back"}


# -- switching -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def switch(*, rule: str, is_on: bool, at: datetime, by: int | None) -> RuleSwitch:
    """Switch a rule on or off from the next look on. Raises UnknownRuleError."""
    if shipped().get(rule) is None:
        raise UnknownRuleError(rule)
    row, _made = RuleSwitch.objects.update_or_create(
        rule=rule, defaults={"is_on": is_on, "changed_at": at, "changed_by_id": by}
    )
    _record("anomaly_rule.switch", "anomaly_rule", rule, {"is_on": is_on}, at=at, by=by)
    return row


def _record(action: str, kind: str, which: str, details: Mapping[str, Any], *, at: datetime, by: int | None) -> None:
    record(by=by, action=action, object_type=kind, object_id=which, details=details, at=at)


def find_ripe(*, loaded: Loaded, at: datetime, codes: Collection[str] = ()) -> list[Outcome]:
    """Look at the periods that are due: those of `codes`, else the last ones in which units may still be asked something."""
    return [
        find(loaded=loaded, period=period, at=at, again=bool(codes))
        for period in queries.ripe_periods(loaded.plan, at=at, codes=codes)
    ]
