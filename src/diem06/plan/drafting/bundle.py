"""From a draft and what a person decided to the TOML files of a plan (docs/how-to/write-a-plan.md)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from diem06.plan.changes import GRADES
from diem06.plan.drafting.draft import (
    AnyItem,
    Decisions,
    Draft,
    DraftAssignment,
    DraftClause,
    DraftIndicator,
    DraftPilot,
    DraftTarget,
    FoundUnit,
    Question,
    State,
    apply,
)
from diem06.plan.text import folded
from vnlib.text import fold, plain_number

REPORTING = "reporting_units"
_COMMITTEES = {"district_committee", "commune_committee"}
_OPEN = "CẦN QUYẾT ĐỊNH"
_PROPOSED = "Đề xuất, chưa ai xem"


def bundle_of(draft: Draft, decisions: Decisions) -> dict[str, str]:
    """
    Return the files of the plan: name -> TOML text that `plan check` reads.

    What nobody decided yet stands as proposed with a comment that cites the words. The files pass the check when
    `open_questions` is empty. Raises DecisionError for decisions that do not fit the draft.
    """
    return _Bundle(apply(draft, decisions), decisions).files()


def open_questions(draft: Draft, decisions: Decisions) -> tuple[Question, ...]:
    """
    Return the needed questions that neither the document nor a decision answers.

    `u7.area` is the area of unit `u7`: it is answered by a verdict on `u7` that changes `area`.
    """
    decided = apply(draft, decisions)
    missing = [each for each in decided.questions if each.is_needed and not each.answer.strip()]
    answers = {each.id: each.answer for each in decided.questions}
    for unit in decided.units:
        is_issuer = unit.code == answers.get("plan.issuer")
        if unit.kind in _COMMITTEES and not unit.is_group and not unit.area and not is_issuer:
            asks = f"Mã đơn vị hành chính của {unit.name}."
            missing.append(Question(id=f"{unit.id}.area", at=unit.at, words=unit.area_name or unit.words, asks=asks))
    return tuple(missing)


@dataclass(slots=True)
class _File:
    """The lines of one TOML file."""

    lines: list[str] = field(default_factory=list)

    def comment(self, *words: str) -> None:
        for each in words:
            self.lines.append(f"# {_one_line(each)}")

    def values(self, **values: object) -> None:
        """Write the keys that hold something; `from_` is `from`."""
        for key, value in values.items():
            if value not in (None, "", (), [], {}):
                self.lines.append(f"{key.rstrip('_')} = {toml(value)}")

    def table(self, name: str) -> None:
        self.lines += ["", f"[[{name}]]"]

    def text(self) -> str:
        return "\n".join(self.lines).strip("\n") + "\n"


def toml(value: object) -> str:
    """Return a value as TOML on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain_number(value)
        case date():
            return value.isoformat()
        case int():
            return str(value)
        case str():
            plain = "".join(
                each
                for each in unicodedata.normalize("NFC", value)
                if each == "\n" or each.isprintable() or each == " "
            )
            return json.dumps(plain, ensure_ascii=False)
        case list() | tuple():
            return f"[{', '.join(toml(each) for each in value)}]"
        case _:
            message = f"no TOML for {value!r}"
            raise TypeError(message)


def _one_line(words: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())


def _short(text: str, longest: int) -> str:
    plain = " ".join(text.replace("**", "").split()).strip(" -–+*.;,")
    return plain if len(plain) <= longest else plain[: longest - 1].rsplit(" ", 1)[0] + "…"


class _Bundle:
    """The decided draft on its way to files."""

    def __init__(self, draft: Draft, decisions: Decisions) -> None:
        self.draft = draft
        self._decisions = decisions
        self.answers = {each.id: each.answer.strip() for each in draft.questions}
        self.questions = {each.id: each for each in draft.questions}
        self.paragraphs = {each.address: each.text for each in draft.paragraphs}
        self.units = {each.id: each for each in draft.units}
        self.spans: dict[str, list[str]] = {each.id: list(each.spans) for each in draft.clauses}

    def files(self) -> dict[str, str]:
        # Indicators and people first: they may widen the places of a clause.
        indicators, measures = self._indicators()
        who = self._who()
        return {
            "plan.toml": self._plan(),
            "text.toml": self._text(),
            "clauses.toml": self._clauses(),
            "who.toml": who,
            "measures.toml": measures,
            "indicators.toml": indicators,
        }

    # --- What all files need.

    def _said(self, item: AnyItem) -> list[str]:
        """The comment of an item that nobody looked at yet."""
        verdict = self._decisions.get(item.id)
        if verdict and verdict.state is not State.PROPOSED:
            return []
        return [f"{_PROPOSED}: «{_short(item.words, 160)}» ({item.at})"]

    def _answer(self, name: str, instead: str) -> tuple[str, list[str]]:
        """An answer, or what stands in for it, with the comment for the reviewer."""
        question = self.questions.get(name)
        answer = self.answers.get(name, "")
        if question is None:
            return answer or instead, []
        if not answer:
            read = f" Đọc được: «{_short(question.words, 120)}» ({question.at})." if question.words else ""
            return instead, [f"{_OPEN}: {question.asks}{read}"]
        if question.id in self._decisions:
            return answer, []
        read = f"«{_short(question.words, 120)}» ({question.at})" if question.words else "không có trong văn bản"
        return answer, [f"{_PROPOSED}: {read}"]

    @cached_property
    def day(self) -> date:
        """The first day of the plan; where nobody said it, the first of the year in its name, else of 2000."""
        answer = self.answers.get("plan.in_force_from", "")
        try:
            return date.fromisoformat(answer)
        except ValueError:
            year = re.search(r"20\d\d", self.answers.get("plan.id", "") + self.answers.get("plan.issued_on", ""))
            return date(int(year[0]) if year else 2000, 1, 1)

    @cached_property
    def area(self) -> str:
        return self.answers.get("plan.area", "") or "?"

    @cached_property
    def issuer(self) -> FoundUnit | None:
        return self._unit_of(self.answers.get("plan.issuer", ""))

    def _unit_of(self, code: str) -> FoundUnit | None:
        return next((each for each in self.draft.units if each.code == code and not each.is_group), None)

    @cached_property
    def level(self) -> str:
        if self.issuer:
            return self.issuer.level
        return max(
            (each.level for each in self.draft.units), default="province", key=["commune", "district", "province"].index
        )

    @cached_property
    def reporting(self) -> list[str]:
        """Ids of the single units that lead something and do not issue the plan."""
        leads = [unit for each in self.draft.assignments for unit in each.lead_units]
        owners = [unit for each in self.draft.indicators for unit in each.units]
        return [
            each.id
            for each in self.draft.units
            if each.id in {*leads, *owners} and not each.is_group and each != self.issuer and not self._is_above(each)
        ]

    def _is_above(self, unit: FoundUnit) -> bool:
        order = ["commune", "district", "province"]
        is_central = bool(re.match(r"(?:Bộ|Chính phủ|Thủ tướng|Tổng cục|Ngân hàng Nhà nước Việt Nam)\b", unit.name))
        is_army = unit.name.startswith("Bộ Chỉ huy")
        return order.index(unit.level) > order.index(self.level) or (is_central and not is_army)

    @cached_property
    def clauses(self) -> dict[str, DraftClause]:
        return {each.id: each for each in self.draft.clauses}

    def _clause_text(self, clause: str) -> str:
        return folded(" ".join(self.paragraphs[address] for address in self.spans[clause]))

    def _widen(self, clause: str, address: str) -> None:
        """Take one more paragraph into the places of a clause, in reading order."""
        if address and address in self.paragraphs and address not in self.spans[clause]:
            order = list(self.paragraphs)
            self.spans[clause] = sorted([*self.spans[clause], address], key=order.index)

    @cached_property
    def pilots(self) -> list[DraftPilot]:
        """The pilots that have a clause; at least one, or none if the draft has no clause at all."""
        kept = [each for each in self.draft.pilots if self._pilot_clauses(each)]
        return kept or list(self.draft.pilots[:1])

    def _pilot_clauses(self, pilot: DraftPilot) -> list[DraftClause]:
        codes = {each.code for each in self.draft.pilots}
        default = self.draft.pilots[0].code if self.draft.pilots else ""
        found = [each for each in self.draft.clauses if (each.pilot if each.pilot in codes else default) == pilot.code]
        return [each for each in found if each.kind not in {"base", "recipient"}]

    def _pilot(self, code: str) -> str:
        kept = [each.code for each in self.pilots]
        return code if code in kept else (kept[0] if kept else "")

    # --- plan.toml

    def _plan(self) -> str:
        file = _File()
        file.comment(
            "Soạn từ văn bản của kế hoạch. Dòng # nói điều còn phải quyết định và chữ đã đọc; xem docs/how-to/draft-a-plan.md."
        )
        file.lines.append("")
        title, said = self._answer("plan.title", "Kế hoạch")
        first = self.issuer or next((each for each in self.draft.units if not each.is_group), None)
        own = first.code if first else "don-vi"
        for key, name, instead in (
            ("id", "plan.id", "ke-hoach"),
            ("key", "plan.key", "kh"),
        ):
            answer, comments = self._answer(name, instead)
            file.comment(*comments)
            file.values(**{key: answer})
        file.values(version="1")
        file.comment(*said)
        file.values(title=title)
        english, comments = self._answer("plan.title_en", title)
        file.comment(*comments)
        file.values(title_en=english)
        for key, name, instead in (
            ("number", "plan.number", "…"),
            ("issued_on", "plan.issued_on", "ngày … tháng … năm …"),
        ):
            answer, comments = self._answer(name, instead)
            file.comment(*comments)
            file.values(**{key: answer})
        file.comment(*self._answer("plan.in_force_from", "")[1])
        file.values(in_force_from=self.day)
        for key in ("issuer", "steering_unit", "office_unit", "lead_unit"):
            answer, comments = self._answer(f"plan.{key}", own)
            file.comment(*comments)
            file.values(**{key: answer if self._unit_of(answer) else own})
        answer, comments = self._answer("plan.area", "?")
        file.comment(*comments)
        file.values(area=answer)
        file.lines += ["", "[periods]"]
        for key, instead in (("calendar", "month"), ("first", f"{self.day:%Y-%m}")):
            answer, comments = self._answer(f"plan.{key}", instead)
            file.comment(*comments)
            file.values(**{key: answer})
        days, comments = self._answer("plan.lock_days", "5")
        file.comment(*comments)
        file.values(lock_days=int(days) if days.isdigit() else 5)
        file.table("standing_rule")
        file.values(
            from_=self.day,
            source="ý kiến: văn bản không nêu cách đánh giá tiến độ; theo đường thẳng từ số liệu đầu tiên đến thời hạn",
            with_deadline="straight_line",
            without_deadline="met_or_below",
        )
        file.table("precedence")
        file.values(
            from_=self.day,
            source="ý kiến: văn bản không nêu nguồn nào được tính; bản ghi gốc trước, rồi dữ liệu hệ thống khác, rồi số đơn vị báo cáo",
            order=GRADES,
        )
        self._documents(file)
        self._report(file, title, own)
        return file.text()

    def _documents(self, file: _File) -> None:
        for each in self.draft.clauses:
            found = re.match(r"(?P<kind>[^\d]+?)\s+số:?\s*(?P<number>\S+?),?(?:\s+ngày\s+(?P<day>.+))?$", each.words)
            if each.kind != "base" or not found:
                continue
            file.table("document")
            file.comment(*self._said(each))
            file.values(
                clause=each.id, title=each.words, number=found["number"], issued_on=_cited_day(found["day"] or "")
            )

    def _report(self, file: _File, title: str, own: str) -> None:
        file.lines += ["", "[report]"]
        name, comments = self._answer("report.title", f"Kết quả thực hiện {title}")
        file.comment(*comments)
        file.values(title=name, opening=f"Thực hiện {title}, {{issuer}} báo cáo như sau:", section_heading=name)
        place, comments = self._answer(
            "plan.place", self.issuer.area_name if self.issuer and self.issuer.area_name else "…"
        )
        file.comment(*comments)
        file.values(place=place, provincial_pilot=self.pilots[0].code if self.pilots else "P")
        file.table("report.kind")
        file.values(
            code="section", name="Phần lồng ghép vào báo cáo khác", name_en="Section to merge into another report"
        )
        code = self.answers.get("plan.steering_unit") or self.answers.get("plan.lead_unit") or own
        unit = self._unit_of(code)
        if unit and self.issuer and unit != self.issuer:
            file.table("report.kind")
            file.comment(
                f"{_OPEN}: ký hiệu, người ký, nơi nhận của báo cáo tổng hợp; dưới đây theo thể thức thường dùng."
            )
            file.values(
                code="full",
                name=f"Báo cáo của {unit.name}",
                name_en=f"Report of {unit.name}",
                issuer=unit.code,
                symbol="BC",
                signs=[_head_of(unit)],
                addressees=[self.issuer.name],
                recipients=["Như trên", "Lưu: VT"],
                late_annex=True,
            )

    # --- text.toml, clauses.toml

    def _text(self) -> str:
        file = _File()
        for each in self.draft.paragraphs:
            file.table("paragraph")
            file.values(address=each.address, style=each.style, text=each.text)
        return file.text() if file.lines else "paragraph = []\n"

    @cached_property
    def served(self) -> set[str]:
        return {each.clause for each in self._kept_indicators}

    @cached_property
    def _kept_indicators(self) -> list[DraftIndicator]:
        targets = {each.id for each in self.draft.targets}
        return [each for each in self.draft.indicators if each.clause in self.clauses and each.target in targets]

    def _clauses(self) -> str:
        file = _File()
        led = {each.clause: each for each in self.draft.assignments}
        reports = {each.clause for each in self.draft.duties if each.is_report}
        for each in self.draft.clauses:
            file.table("clause")
            file.comment(*self._said(each))
            text = self._clause_text(each.id)
            quote = each.words if folded(each.words) in text else each.words[:60]
            record: list[str] = []
            if each.id in reports:
                record = ["report"]
            elif each.id in led:
                words = fold(self.paragraphs.get(each.at, ""))
                record = ["unit_plan"] if re.search(r"(?:xay dung|ban hanh).{0,20}ke hoach", words) else ["narrative"]
            elif each.kind in {"assignment", "deadline", "requirement"}:
                record = ["narrative"]
            file.values(
                id=each.id,
                kind=each.kind,
                also_kinds=[kind for kind in each.also_kinds if kind != each.kind],
                quote=quote,
                pilot="" if each.kind in {"base", "recipient"} else self._pilot(each.pilot),
                record_types=record,
                information="" if record or each.id in self.served else _information(each.kind),
            )
            for address in self.spans[each.id]:
                file.table("clause.span")
                file.values(paragraph=address)
                if address == each.at:
                    file.values(
                        starts=each.starts, ends=each.ends if each.ends != each.starts else _last_words(each.ends)
                    )
        return file.text() if file.lines else "clause = []\n"

    # --- who.toml

    def _who(self) -> str:
        file = _File()
        empty = [
            name
            for name, rows in (
                ("pilot", self.pilots if self.draft.clauses else []),
                ("unit", [each for each in self.draft.units if not each.is_group]),
                ("assignment", list(self._assigned())),
                ("duty", list(self._duties())),
            )
            if not rows
        ]
        file.lines += [f"{name} = []" for name in empty]
        if "pilot" not in empty:
            for pilot in self.pilots:
                self._pilot_table(file, pilot)
        for unit in self.draft.units:
            if not unit.is_group:
                self._unit_table(file, unit)
        for unit in self.draft.units:
            if unit.is_group:
                file.table("group")
                file.comment(*self._said(unit))
                if not unit.members:
                    file.comment(f"{_OPEN}: văn bản không kể tên các đơn vị của nhóm này; ghi mã vào members.")
                known = {each.code for each in self.draft.units if not each.is_group}
                file.values(
                    code=unit.code,
                    name=unit.name,
                    basis="plan",
                    members=[each for each in unit.members if each in known],
                )
                file.lines.append(f"clauses = {toml(self._clauses_naming(unit))}")
        file.table("group")
        file.comment("Các đơn vị chủ trì ít nhất một nhiệm vụ hoặc chỉ tiêu.")
        file.values(
            code=REPORTING,
            name="Đơn vị phải báo cáo",
            basis="opinion",
            members=[self.units[each].code for each in self.reporting],
        )
        file.lines.append("clauses = []")
        for assignment, pilot_code, unit, name in self._assigned():
            file.table("assignment")
            file.comment(*self._said(assignment))
            file.values(
                clause=assignment.clause,
                pilot=pilot_code,
                unit=unit.code,
                unit_in_plan=name,
                from_=self.day,
                source=assignment.clause,
            )
        for assignment, unit, role in self._duties():
            file.table("duty")
            file.values(
                clause=assignment.clause,
                owed_by=unit.code,
                role=role,
                text=_short(assignment.task, 240),
                from_=self.day,
            )
        return file.text()

    def _pilot_table(self, file: _File, pilot: DraftPilot) -> None:
        clauses = (
            self._pilot_clauses(pilot)
            or [each for each in self.draft.clauses if each.kind not in {"base", "recipient"}]
            or list(self.draft.clauses)
        )
        main = next((each for each in clauses if each.kind == "assignment"), clauses[0])
        annex = next((each for each in clauses if each.kind == "target" and each.id != main.id), None)
        file.table("pilot")
        file.comment(*self._said(pilot))
        title = pilot.title or pilot.code
        file.values(
            code=pilot.code,
            clause=pilot.clause if pilot.clause in self.clauses else main.id,
            annex_clause=pilot.annex_clause if pilot.annex_clause in self.clauses else (annex.id if annex else ""),
            title=title,
        )
        file.comment(f"{_OPEN}: tên tiếng Anh và tên ngắn.")
        file.values(title_en=title, short_title=_short(title, 32), short_title_en=_short(title, 32))

    def _unit_table(self, file: _File, unit: FoundUnit) -> None:
        file.table("unit")
        file.comment(*self._said(unit))
        level, area = self._place(unit)
        if unit.kind in _COMMITTEES and not unit.area and unit != self.issuer:
            file.comment(f"{_OPEN}: mã đơn vị hành chính của {unit.name}.")
        head = _head_of(unit)
        file.values(
            code=unit.code,
            key=unit.key,
            name_en=unit.name,
            kind=unit.kind,
            level=level,
            area=area,
            parent=self.issuer.code if self.issuer and unit != self.issuer else "",
            head_title=head,
            signs=[[head]],
            symbol=_symbol_of(unit),
            named_in_plan="yes",
            reports="yes" if unit.id in self.reporting else "no",
        )
        file.table("unit.name")
        file.values(name=unit.name, short=unit.short)

    def _place(self, unit: FoundUnit) -> tuple[str, str]:
        """Level and area of a unit: its own if known, else those of the plan."""
        if unit.area and unit != self.issuer:
            return unit.level, unit.area
        if unit.kind in _COMMITTEES and unit != self.issuer and unit.level != self.level:
            return unit.level, "?"
        return self.level, self.area

    def _clauses_naming(self, unit: FoundUnit) -> list[str]:
        found = [
            each.clause for each in self.draft.assignments if unit.id in {*each.lead_units, *each.coordinate_units}
        ]
        return [each for each in dict.fromkeys(found) if each in self.clauses]

    def _assigned(self) -> Iterator[tuple[DraftAssignment, str, FoundUnit, str]]:
        """One row for each pilot and unit that leads in it: the first clause that says so."""
        seen: set[tuple[str, str]] = set()
        for each in self.draft.assignments:
            if each.clause not in self.clauses:
                continue
            self._widen(each.clause, each.lead_at)
            pilot = self._pilot(each.pilot or self.clauses[each.clause].pilot)
            for name, unit_id in zip(each.lead, each.lead_units, strict=False):
                unit = self.units.get(unit_id)
                if unit is None or unit.is_group or (pilot, unit.code) in seen:
                    continue
                if folded(name) not in self._clause_text(each.clause):
                    continue
                seen.add((pilot, unit.code))
                yield each, pilot, unit, name

    def _duties(self) -> Iterator[tuple[DraftAssignment, FoundUnit, str]]:
        for each in self.draft.assignments:
            if each.clause not in self.clauses:
                continue
            for role, ids in (("lead", each.lead_units), ("co-ordinate", each.coordinate_units)):
                for unit_id in dict.fromkeys(ids):
                    if unit_id in self.units:
                        yield each, self.units[unit_id], role

    # --- indicators.toml, measures.toml

    def _indicators(self) -> tuple[str, str]:
        targets = {each.id: each for each in self.draft.targets}
        file, measures = _File(), _File()
        rows: list[tuple[DraftIndicator, list[str]]] = []
        for each in self._kept_indicators:
            target = targets[each.target]
            owed_by = [self.units[unit].code for unit in each.units if unit in self.units] or [REPORTING]
            rows.append((each, owed_by))
            self._indicator(file, each, target, owed_by)
        for each, _ in rows:
            self._measure(measures, each, each.numerator, each.numerator_name)
            if each.denominator:
                self._measure(measures, each, each.denominator, each.denominator_name)
        for each, owed_by in rows:
            for measure in filter(None, (each.numerator, each.denominator)):
                measures.table("obligation")
                levels = [self.level] if each.kind == "distinct" else []
                measures.values(
                    measure=measure,
                    owed_by=owed_by,
                    grain=self.level if levels else "unit",
                    levels=levels,
                    from_=self.day,
                    source=each.clause,
                )
        if not rows:
            return "indicator = []\n", "measure = []\nlabel = []\nobligation = []\n"
        return file.text(), "label = []\n" + measures.text()

    @staticmethod
    def _measure(file: _File, each: DraftIndicator, code: str, name: str) -> None:
        file.table("measure")
        file.values(
            code=code, name=name or code, name_en=name or code, entity=f"muc_{each.id}", kind=each.kind, grain="unit"
        )

    def _indicator(self, file: _File, each: DraftIndicator, target: DraftTarget, owed_by: Sequence[str]) -> None:
        text = self._clause_text(each.clause)
        file.table("indicator")
        file.comment(*self._said(each))
        is_quoted = folded(target.words) in text
        file.values(
            code=each.code,
            clauses=[each.clause],
            name=each.name,
            name_en=each.name,
            entity=f"muc_{each.id}",
            kind=each.kind,
            numerator=each.numerator,
            denominator=each.denominator,
            owed_by=owed_by,
            levels=[self.level],
            usual_sources=["declared"],
            counted=each.counted or each.name,
            counted_en=each.counted or each.name,
            direction=each.direction,
            quote=target.words if is_quoted else "",
            note=f"Văn bản ghi «{target.value_words}»" if not each.denominator else "",
        )
        day = target.deadline
        day_clause = bool(day and day.day and day.day >= self.day)
        if day and day_clause:
            self._widen(each.clause, day.at)
            day_clause = folded(day.words) in self._clause_text(each.clause)
        share = target.value / 100 if target.unit in {"%", "phần trăm"} else target.value
        if each.denominator and 0 < share <= 1 and is_quoted:
            file.table("indicator.target")
            file.comment(*self._said(target))
            file.values(
                value=share, from_=self.day, clause=each.clause, quote=target.words, stated=_stated(share, target.words)
            )
            if day and day_clause:
                file.values(deadline=day.day, deadline_quote=day.words)
        elif day and day_clause:
            file.table("indicator.deadline")
            file.values(day=day.day, quote=day.words, clause=each.clause)


def _stated(share: Decimal, quote: str) -> str:
    percent = f"{plain_number(share * 100)}%"
    return "number" if re.search(rf"(?<![\d.]){re.escape(percent)}", quote.replace(",", ".")) else "words"


def _information(kind: str) -> str:
    reasons: Mapping[str, str] = {
        "base": "Văn bản căn cứ: được dẫn, không giao việc để đo",
        "recipient": "Nơi nhận: danh sách gửi văn bản, không giao việc",
        "purpose": "Mục đích chung, không giao việc để đo",
        "condition": "Phạm vi, điều kiện thực hiện, không giao việc để đo",
        "target": "Mục tiêu không có số để đo, hoặc số đã bị bỏ khi xem bản thảo",
    }
    return reasons.get(kind, "Không giao việc để đo")


def _last_words(words: str) -> str:
    return " ".join(words.split()[-3:])


def _cited_day(words: str) -> date | None:
    found = re.search(r"(\d{1,2})(?:\s+tháng\s+|[/.\-])(\d{1,2})(?:\s+năm\s+|[/.\-])(\d{4})", words)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


_HEADS: tuple[tuple[str, str], ...] = (
    (r"^(?:ubnd|uy ban nhan dan|huyen|tinh|xa)\b", "CHỦ TỊCH"),
    (r"^phong\b", "TRƯỞNG PHÒNG"),
    (r"^(?:van phong|vp)\b", "CHÁNH VĂN PHÒNG"),
    (r"^thanh tra\b", "CHÁNH THANH TRA"),
    (r"^cong an (?:huyen|xa|thi xa|quan|phuong|thi tran)", "TRƯỞNG CÔNG AN"),
    (r"^(?:so|cong an|trung tam|benh vien|bao hiem|kho bac|buu dien)\b", "GIÁM ĐỐC"),
    (r"^(?:cuc|chi cuc)\b", "CỤC TRƯỞNG"),
    (r"^ban\b", "TRƯỞNG BAN"),
    (r"^truong\b", "HIỆU TRƯỞNG"),
)


def _head_of(unit: FoundUnit) -> str:
    """How the head of such a body signs (Nghị định 30/2020/NĐ-CP); «THỦ TRƯỞNG» where its kind does not tell."""
    name = fold(unit.name)
    return next((title for pattern, title in _HEADS if re.search(pattern, name)), "THỦ TRƯỞNG")


def _symbol_of(unit: FoundUnit) -> str:
    """The initials of the name as documents carry them: SYT in «12/BC-SYT»."""
    if unit.name.startswith("UBND"):
        return "UBND"
    return "".join(word[0] for word in re.findall(r"[^\W\d_]+", unit.name) if word not in {"và", "của"}).upper()[:12]


def unsure_rows(draft: Draft) -> list[dict[str, str]]:
    """Return what the draft is not sure of, as `unsure.json` holds it."""
    return [{"kind": each.kind, "at": each.at, "words": each.words, "why": each.why} for each in draft.unsure]
