"""Read the files of a plan into a draft."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import TypeVar

from diem06.plan.drafting import days, naming, numbers, tables
from diem06.plan.drafting.draft import (
    Day,
    Draft,
    DraftAssignment,
    DraftClause,
    DraftDeadline,
    DraftDuty,
    DraftError,
    DraftIndicator,
    DraftParagraph,
    DraftPilot,
    DraftTarget,
    Every,
    Unsure,
)
from diem06.plan.drafting.sources import all_lines
from diem06.plan.drafting.structure import Node, Topic, structured
from diem06.plan.drafting.tables import Role, TableFound
from diem06.plan.drafting.tasks import FoundTask, owner_of, sentences, tasks_in
from vnlib.text import fold


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """A file as it came: its name (the ending tells nothing for sure) and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class KnownArea:
    """An administrative area on the plan's day: its code, full name («Huyện Lục Nam»), level and the code above it."""

    code: str
    name: str
    level: str
    parent: str = ""


def read_draft(files: Sequence[SourceFile]) -> Draft:
    """
    Return what was read in the files, in their order: the plan first, then its annexes.

    Raises DraftError (with what to do) for a file that is no .docx and no text, is damaged or too large.
    """
    if not files:
        raise DraftError("Chưa có tệp nào. Hãy chọn tệp của kế hoạch.")
    nodes = structured(all_lines((file.name, file.content) for file in files))
    return _Reading(nodes).draft(tuple(file.name for file in files))


def with_areas(draft: Draft, areas: Iterable[KnownArea], day: date | None = None) -> Draft:
    """
    Return the draft with the codes of the areas filled in where one name fits alone; nothing is guessed.

    `areas` are those of the plan's day (`day` is kept for the caller's record and changes nothing here).
    """
    del day
    return naming.with_areas(draft, [(each.code, each.name, each.level, each.parent) for each in areas])


_STYLES_OUT = {Topic.HEAD, Topic.BASE, Topic.END}
_BASE_CITED = re.compile(
    r"(?:Luật|Nghị quyết|Nghị định|Quyết định|Chỉ thị|Thông tư|Kế hoạch|Đề án|Công điện|Công văn|Hướng dẫn|Thông báo|Chương trình|Kết luận|Văn bản)"
    r"\s+(?:hành động\s+)?(?:số|số:)\s*[\w…]*\s?[/\-][\w\-/&.]+,?(?:\s+ngày\s+\d{1,2}(?:[/.\-]\d{1,2}[/.\-]\d{4}|\s+tháng\s+\d{1,2}\s+năm\s+\d{4}))?"
)
_MODEL = re.compile(
    r"\W*(?:(?:\d+|[a-zđ])[.)]\s*)?(?:Mô hình|MÔ HÌNH)\s+(?:số\s+|điểm\s+)?(?P<number>\d{1,2})\s*[:.\-–]\s*(?P<title>.+)"
)
_ACHIEVED = re.compile(r"chiếm\s*$|(?:so với|tăng|giảm)\s+(?:cùng kỳ|năm trước)", re.IGNORECASE)


_Each = TypeVar("_Each", DraftTarget, DraftAssignment)


class _Reading:
    """One pass over the nodes of a document; each step adds what it found."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.year, self.year_at = _plan_year(nodes)
        self.targets: list[DraftTarget] = []
        self.assignments: list[DraftAssignment] = []
        self.duties: list[DraftDuty] = []
        self.deadlines: list[DraftDeadline] = []
        self.unsure: list[Unsure] = []
        self._ids = {prefix: count(1) for prefix in "takdxim"}
        self._table_rows: set[int] = set()
        self._doubted: set[tuple[str, str, str]] = set()

    def draft(self, files: tuple[str, ...]) -> Draft:
        self._tables()
        self._prose_targets()
        self._prose_tasks()
        self._rhythms_and_days()
        pilots = self._pilots()
        clauses = self._clauses(pilots)
        clause_at = _clause_by_address(clauses)
        order = {node.address: node.index for node in self.nodes}
        targets = tuple(
            dataclasses.replace(each, clause=clause_at.get(each.at, ""))
            for each in sorted(self.targets, key=lambda each: order[each.at])
        )
        pilot_of = {each.id: each.pilot for each in clauses}
        assignments = tuple(
            dataclasses.replace(
                each, clause=clause_at.get(each.at, ""), pilot=pilot_of.get(clause_at.get(each.at, ""), "")
            )
            for each in sorted(self.assignments, key=lambda each: order[each.at])
        )
        duties = tuple(dataclasses.replace(each, clause=clause_at.get(each.at, "")) for each in self.duties)
        deadlines = tuple(dataclasses.replace(each, clause=clause_at.get(each.at, "")) for each in self.deadlines)
        draft = Draft(
            files=files,
            paragraphs=tuple(self._paragraphs()),
            clauses=clauses,
            pilots=pilots,
            targets=_numbered(targets, "t"),
            assignments=_numbered(assignments, "a"),
            duties=duties,
            deadlines=deadlines,
            unsure=tuple(sorted(self.unsure, key=lambda each: order[each.at])),
        )
        draft = naming.with_units(draft, self.nodes)
        draft = dataclasses.replace(draft, indicators=tuple(_indicators(draft)))
        return naming.with_questions(draft, self.nodes, self.year)

    def _id(self, prefix: str) -> str:
        return f"{prefix}{next(self._ids[prefix])}"

    def _doubt(self, node: Node, words: str, kind: str, why: str) -> None:
        words = " ".join(words.split())
        if (node.address, words, why) in self._doubted:
            return
        self._doubted.add((node.address, words, why))
        self.unsure.append(Unsure(id=self._id("x"), at=node.address, words=words, kind=kind, why=why))

    def _paragraphs(self) -> Iterator[DraftParagraph]:
        for node in self.nodes:
            yield DraftParagraph(
                address=node.address,
                style=node.style,
                text=node.line.text,
                file=node.line.file,
                number=node.line.mark,
                above=tuple(self.nodes[at].address for at in node.above),
                cells=tuple(cell.text for cell in node.line.cells),
                table=node.line.table,
            )

    # --- Days.

    def _day(self, found: days.FoundDay, node: Node) -> Day:
        return Day(
            words=found.words,
            at=node.address,
            day=found.day,
            every=found.every,
            year_at=self.year_at if found.needs_year else "",
        )

    def _near_day(self, sentence: str, start: int, end: int, node: Node, rest: str = "") -> Day | None:
        """The deadline of the number at start:end of a sentence; else of the words before it in the paragraph, or a heading."""
        found = list(days.days_in(sentence, self.year)) or _opening_year(sentence)
        if found:
            return self._day(_nearest(found, [each.start for each in numbers.percents_in(sentence)], start, end), node)
        opening = _opening_year(rest) or [each for each in days.days_in(rest, self.year) if each.start < 25]
        if opening:
            return self._day(opening[0], node)
        return self._heading_day(node)

    def _heading_day(self, node: Node) -> Day | None:
        for at in reversed(node.above):
            over = self.nodes[at]
            if over.line.cells or over.topic in {Topic.HEAD, Topic.BASE}:
                continue
            words = over.words
            if not over.is_heading and not words.rstrip().endswith(":"):
                continue
            found = list(days.days_in(words, self.year)) or _bare_years(words)
            if found and found[-1].day:
                return self._day(found[-1], over)
        return None

    # --- Tables.

    def _tables(self) -> None:
        rows: dict[int, list[Node]] = {}
        for node in self.nodes:
            if node.line.cells:
                rows.setdefault(node.line.table, []).append(node)
        before: tables.Columns | None = None
        for nodes in rows.values():
            found = tables.read_table([node.line.cells for node in nodes], before)
            self._table(nodes, found)
            before = found.columns

    def _table(self, nodes: list[Node], found: TableFound) -> None:
        self._table_rows |= {node.index for node in nodes}
        if found.columns and not found.columns.is_sure:
            self._doubt(
                nodes[0], nodes[0].line.text, "table", "Bảng không có dòng tiêu đề; các cột được đoán theo nội dung."
            )
        for task in found.tasks:
            node = nodes[task.row]
            lead_node = nodes[task.lead_row]
            day = days.cell_day(task.deadline, self.year) if task.deadline else None
            self.assignments.append(
                DraftAssignment(
                    id="",
                    at=node.address,
                    words=node.line.text,
                    task=task.task,
                    lead=task.lead,
                    lead_at=lead_node.address,
                    coordinate=task.coordinate,
                    coordinate_at=node.address if task.coordinate else "",
                    deadline=self._day(day, node) if day else None,
                    result=task.result,
                )
            )
            if task.is_mixed:
                self._doubt(
                    node, node.line.text, "assignment", "Một cột ghi cả chủ trì và phối hợp; không rõ ai chủ trì."
                )
        for target in found.targets:
            node = nodes[target.row]
            head = days.cell_day(target.head, self.year)
            own = days.cell_day(target.deadline, self.year) if target.deadline else None
            deadline = None
            if head and head.day and not head.needs_year:
                at = nodes[max(found.columns.head_rows - 1, 0)] if found.columns and found.columns.head_rows else node
                deadline = self._day(head, at)
            elif own:
                deadline = self._day(own, node)
            self.targets.append(
                DraftTarget(
                    id="",
                    at=node.address,
                    words=node.line.text,
                    value=target.value,
                    value_to=target.value_to,
                    value_words=target.value_words,
                    unit=target.unit,
                    comparison=target.comparison,
                    counted=target.name,
                    deadline=deadline or self._heading_day(node),
                    units=target.owners,
                )
            )
        owners = {task.row: task.lead for task in found.tasks}
        is_tasks = bool(found.columns and {Role.LEAD, Role.MIXED} & set(found.columns.roles))
        for place, text, words in found.texts:
            row_day = days.cell_day(words, self.year) if words else None
            self._numbers(
                nodes[place],
                text,
                row_day=self._day(row_day, nodes[place]) if row_day else None,
                owners=owners.get(place, ()),
                in_tasks=is_tasks,
            )
        for place, why in found.unclear:
            self._doubt(nodes[place], nodes[place].line.text, "assignment", why)

    # --- Targets.

    def _prose_targets(self) -> None:
        for node in self.nodes:
            if node.index in self._table_rows or (node.topic in _STYLES_OUT and not node.line.is_note):
                continue
            if node.style in {"appendix_note", "recipient", "recipients", "signer"}:
                continue
            owner = owner_of(self.nodes, node)
            owners = tuple(dict.fromkeys(each.words for each in owner[1])) if owner else ()
            self._numbers(node, node.words, owners=owners)

    def _numbers(
        self,
        node: Node,
        text: str,
        *,
        row_day: Day | None = None,
        owners: tuple[str, ...] = (),
        in_tasks: bool = False,
    ) -> None:
        for start, end in sentences(text):
            sentence = text[start:end].strip()
            for each in numbers.percents_in(sentence):
                why = self._why_no_target(node, sentence, each)
                if why:
                    self._doubt(node, sentence, "target", why)
                else:
                    self._target(node, sentence, each, text[:start], row_day, owners)
            if node.is_heading and node.topic is not Topic.TARGET:
                continue
            for each in numbers.counts_in(sentence):
                self._count(node, sentence, each, text[:start], row_day, owners, in_tasks=in_tasks)

    def _why_no_target(self, node: Node, sentence: str, found: numbers.FoundNumber) -> str:
        if self._is_of_past(sentence[: found.start]):
            return "Số của năm trước, không phải chỉ tiêu."
        is_told = (
            bool(_ACHIEVED.search(sentence[max(0, found.start - 140) : found.start])) and node.topic is not Topic.TARGET
        )
        if node.topic is Topic.SITUATION or found.is_past or is_told:
            return "Số đã đạt hoặc nêu tình hình, không phải chỉ tiêu."
        over = " ".join([*(self.nodes[at].words for at in node.above[-2:]), node.label])
        if re.search(r"kinh phi|nguon von|ngan sach", fold(over)) or re.search(
            r"(?:kinh phi|ngan sach|muc von|tong muc|lai suat|gia tri hop dong)[^.;]{0,60}$",
            fold(sentence[max(0, found.start - 140) : found.start]),
        ):
            return "Tỷ lệ về kinh phí, không rõ có phải chỉ tiêu."
        return ""

    def _is_of_past(self, before: str) -> bool:
        """«(năm 2023 đạt 35%)» in a plan of 2024: the last year named since the number before is over."""
        since = re.split(r"\d\s?%", before)[-1]
        years = re.findall(r"năm\s+(20\d\d)", since)
        is_aside = "(" in since or bool(re.search(r"hiện|đã|thực hiện", since))
        return bool(years and self.year and is_aside and int(years[-1]) < self.year)

    def _count(
        self,
        node: Node,
        sentence: str,
        found: numbers.FoundNumber,
        rest: str,
        row_day: Day | None,
        owners: tuple[str, ...],
        *,
        in_tasks: bool,
    ) -> None:
        inside = sentence[: found.start].count("(") > sentence[: found.start].count(")")
        if (inside and found.comparison == "=") or node.topic is Topic.SITUATION:
            return
        in_target = node.topic is Topic.TARGET
        is_first = in_target and found.value >= 2 and not re.search(r"\d", sentence[: found.start])
        is_surely = found.comparison in {">=", "<="} or is_first or (found.is_bound and (in_target or in_tasks))
        why = self._why_no_target(node, sentence, found)
        if why and (in_target or is_surely):
            self._doubt(node, sentence, "target", why)
        elif is_surely:
            self._target(node, sentence, found, rest, row_day, owners)
        elif in_target or found.is_bound:
            self._doubt(node, sentence, "target", f"Có số «{found.words}», không rõ có phải chỉ tiêu.")

    def _target(
        self,
        node: Node,
        sentence: str,
        found: numbers.FoundNumber,
        rest: str,
        row_day: Day | None,
        owners: tuple[str, ...],
    ) -> None:
        near = self._near_day(sentence, found.start, found.end, node, rest)
        if row_day and (near is None or near.at != node.address):
            near = row_day
        self.targets.append(
            DraftTarget(
                id="",
                at=node.address,
                words=sentence,
                value=found.value,
                value_to=found.value_to,
                value_words=found.words,
                unit=found.unit,
                comparison=found.comparison,
                change=found.change,
                counted=_counted(sentence, found),
                deadline=near,
                units=owners,
            )
        )

    # --- Tasks in running text.

    def _prose_tasks(self) -> None:
        found, doubts = tasks_in(self.nodes)
        for each in found:
            self._assignment(each)
        for doubt in doubts:
            self._doubt(self.nodes[doubt.at], doubt.words, "assignment", doubt.why)

    def _assignment(self, found: FoundTask) -> None:
        node = self.nodes[found.at]
        deadline = None
        if found.deadline:
            day = days.cell_day(found.deadline, self.year)
            deadline = self._day(day, self.nodes[found.deadline_at]) if day else None
        else:
            comes_back = bool(days.rhythms_in(found.sentence))  # «định kỳ 6 tháng (trước 15/6)» ends nothing
            told = [each for each in days.days_in(found.sentence, self.year) if not (each.needs_year and comes_back)]
            if not told and found.task_at >= 0 and found.task_at != found.at:
                told = list(days.days_in(self.nodes[found.task_at].words, self.year))
            if told:
                deadline = self._day(told[-1], node)
        if not found.task:
            self._doubt(node, node.line.text, "assignment", "Không rõ nhiệm vụ mà dòng này giao.")
            return
        self.assignments.append(
            DraftAssignment(
                id="",
                at=node.address,
                words=found.sentence,
                task=" ".join(found.task.split()),
                lead=found.lead,
                lead_at=self.nodes[found.lead_at].address,
                coordinate=found.coordinate,
                coordinate_at=self.nodes[found.coordinate_at].address if found.coordinate_at >= 0 else "",
                deadline=deadline,
                result=found.result,
            )
        )

    # --- Days and rhythms that stand anywhere.

    def _rhythms_and_days(self) -> None:
        for node in self.nodes:
            if (node.topic in _STYLES_OUT and not node.line.is_note) or node.style == "appendix_note":
                continue
            text = node.words
            if node.line.cells:  # of a row its deadline counts, not what its cells happen to say
                text = "; ".join(
                    each.deadline.words for each in self.assignments if each.at == node.address and each.deadline
                )
            seen: set[Every] = set()
            for start, end in sentences(text):
                sentence = text[start:end].strip()
                for each in days.days_in(sentence, self.year):
                    self.deadlines.append(
                        DraftDeadline(
                            id=self._id("k"),
                            at=node.address,
                            words=each.words,
                            deadline=self._day(each, node),
                            sentence=sentence,
                        )
                    )
                for rhythm in days.rhythms_in(sentence):
                    is_report = bool(re.search(r"báo cáo", sentence, re.IGNORECASE))
                    if rhythm.every in seen or (rhythm.every is Every.ALWAYS) or not (is_report or rhythm.day):
                        continue
                    seen.add(rhythm.every)
                    who = next((each.lead for each in self.assignments if each.at == node.address), ())
                    self.duties.append(
                        DraftDuty(
                            id=self._id("d"),
                            at=node.address,
                            words=sentence,
                            every=rhythm.every,
                            every_words=rhythm.words,
                            day_words=rhythm.day_words,
                            day=rhythm.day,
                            who=who,
                            is_report=is_report,
                        )
                    )

    # --- Pilots and clauses.

    def _pilots(self) -> tuple[DraftPilot, ...]:
        """The models that the plan counts («Mô hình 3: ...»); with none of them the plan itself is one."""
        found: dict[str, DraftPilot] = {}
        for node in self.nodes:
            match = _MODEL.match(node.line.text) if not node.line.cells else None
            if match is None or node.topic in _STYLES_OUT or len(match["title"]) > 250:
                continue
            code = f"M{int(match['number'])}"
            if code not in found:
                found[code] = DraftPilot(
                    id=f"m{int(match['number'])}",
                    at=node.address,
                    words=node.line.text,
                    code=code,
                    title=match["title"].strip(" .*"),
                )
        title = next((node for node in self.nodes if node.style == "subject"), self.nodes[0])
        whole = DraftPilot(
            id="m0", at=title.address, words=title.line.text, code="P", title=title.words.strip(" .*")[:300]
        )
        return (whole, *sorted(found.values(), key=lambda each: int(each.code[1:])))

    def _clauses(self, pilots: tuple[DraftPilot, ...]) -> tuple[DraftClause, ...]:
        target_at = {each.at for each in self.targets}
        task_at = {each.at for each in self.assignments}
        day_at = {each.at for each in self.duties} | {each.at for each in self.deadlines}
        pilot_at = {each.at: each.code for each in pilots}
        made: list[DraftClause] = []
        taken: set[str] = set()
        for base in self._bases():
            made.append(base)
            taken.add(base.id)
        for node in self.nodes:
            kind = self._clause_kind(node, task_at, target_at)
            if kind is None:
                continue
            extra = [
                name
                for name, places in (("target", target_at), ("deadline", day_at), ("assignment", task_at))
                if node.address in places and name != kind
            ]
            made.append(
                DraftClause(
                    id=_free(self._clause_id(node), taken),
                    at=node.address,
                    words=" ".join(node.line.text.split())[:200].rsplit(" ", 1)[0]
                    if len(node.line.text) > 200
                    else node.line.text,
                    kind=kind,
                    also_kinds=tuple(extra),
                    spans=(node.address,),
                    pilot=self._pilot_of(node, pilot_at),
                )
            )
        recipients = [node for node in self.nodes if node.style in {"recipients", "recipient"}]
        if recipients:
            made.append(
                DraftClause(
                    id=_free("N.1", taken),
                    at=recipients[0].address,
                    words=recipients[0].line.text,
                    kind="recipient",
                    spans=tuple(node.address for node in recipients),
                )
            )
        return tuple(made)

    def _pilot_of(self, node: Node, pilot_at: dict[str, str]) -> str:
        for at in (node.index, *reversed(node.above)):
            over = self.nodes[at]
            if over.address in pilot_at and pilot_at[over.address] != "P":
                return pilot_at[over.address]
            if not over.line.cells and (match := _MODEL.match(over.line.text)):
                code = f"M{int(match['number'])}"
                if code in pilot_at.values():
                    return code
        return "P"

    def _bases(self) -> Iterator[DraftClause]:
        numbers_of = count(1)
        for node in self.nodes:
            if node.topic is not Topic.BASE or node.line.cells:
                continue
            for match in _BASE_CITED.finditer(node.line.text):
                yield DraftClause(
                    id=f"B.{next(numbers_of)}",
                    at=node.address,
                    words=match[0],
                    kind="base",
                    spans=(node.address,),
                    starts=match[0],
                    ends=match[0],
                )

    def _clause_kind(  # noqa: PLR0911  one return for each kind of line
        self, node: Node, task_at: set[str], target_at: set[str]
    ) -> str | None:
        if node.style in {"number", "place_day", "title", "subject", "appendix", "appendix_title", "appendix_note"}:
            return None
        if node.topic in _STYLES_OUT and not node.line.is_note:
            return None
        if node.is_heading and node.address not in task_at and node.address not in target_at:
            return None
        if node.line.cells:
            if node.address in task_at:
                return "assignment"
            return "target" if node.address in target_at else None
        if node.line.is_note:
            return "deadline" if any(each.at == node.address for each in self.deadlines) else "requirement"
        kinds = {
            Topic.PURPOSE: "purpose",
            Topic.SITUATION: "purpose",
            Topic.REQUIREMENT: "requirement",
            Topic.TARGET: "target",
            Topic.CONDITION: "condition",
        }
        kind = kinds.get(node.topic, "assignment" if node.address in task_at else "")
        if node.topic is Topic.PURPOSE and self._is_requirement(node):
            kind = "requirement"
        if not kind:
            if node.address in target_at:
                kind = "target"
            else:
                kind = (
                    "deadline"
                    if any(each.at == node.address and each.is_report for each in self.duties)
                    else "assignment"
                )
        return kind

    def _is_requirement(self, node: Node) -> bool:
        headings = [fold(self.nodes[at].words) for at in node.above]
        if headings and "yeu cau" in headings[-1]:
            return "muc dich" not in headings[-1] or bool(
                re.search(r"phải|bảo đảm|đảm bảo|yêu cầu|tránh", node.line.text)
            )
        return False

    def _clause_id(self, node: Node) -> str:
        """The marks over a paragraph and its own, joined by dots: «II.6.1.-2»; numbers that repeat are made different."""
        if node.line.is_note:
            return "fn.1"
        parts = []
        appendix = False
        for at in (*node.above, node.index):
            over = self.nodes[at]
            if over.style == "appendix":
                appendix = True
                parts = ["PL"]
                continue
            if over.line.cells:
                number = next(
                    (cell.text for cell in over.line.cells if re.fullmatch(r"[\dIVXa-z.]{1,8}", cell.text)), ""
                )
                parts.append(f"T{over.line.table}.{number.strip('.') or node.index + 1}")
                continue
            mark = re.sub(r"[^0-9A-Za-zĐđ.]", "", over.line.mark).strip(".")
            if mark and "." in mark and parts and parts[-1] == mark.rpartition(".")[0]:
                parts[-1] = mark
            elif mark:
                parts.append(mark)
            elif at == node.index:
                siblings = [
                    each
                    for each in self.nodes[: node.index]
                    if each.above == node.above and not each.line.mark.strip("-–+•*")
                ]
                parts.append(f"{len(siblings) + 1}")
        del appendix
        return ".".join(parts) or "0"


def _nearest(found: Sequence[days.FoundDay], others: Sequence[int], start: int, end: int) -> days.FoundDay:
    """
    Return the day that belongs to the number at start:end.

    «đến năm 2025 đạt 80%, đến năm 2030 đạt 100%» and «80% vào năm 2025, 100% vào năm 2030» both part at the other number.
    """
    before = [each for each in found if each.end <= start and not any(each.end <= other < start for other in others)]
    after = [each for each in found if each.start >= end and not any(end <= other < each.start for other in others)]
    if before:
        return before[-1]
    if after:
        return after[0]
    earlier = [each for each in found if each.end <= start]
    later = [each for each in found if each.start >= end]
    return later[0] if later else (earlier or list(found))[-1]


def _free(wanted: str, taken: set[str]) -> str:
    name = wanted
    for number in count(2):
        if name not in taken:
            break
        name = f"{wanted}~{number}"
    taken.add(name)
    return name


def _numbered(items: tuple[_Each, ...], prefix: str) -> tuple[_Each, ...]:
    return tuple(dataclasses.replace(each, id=f"{prefix}{number}") for number, each in enumerate(items, 1))


def _clause_by_address(clauses: Iterable[DraftClause]) -> dict[str, str]:
    """The clause that takes a whole paragraph, by the paragraph."""
    return {address: each.id for each in clauses if not each.starts for address in each.spans}


def _plan_year(nodes: Sequence[Node]) -> tuple[int | None, str]:
    """Return the year that the plan is of, and where it says so: in its subject, else in the line of place and day."""
    for style in ("subject", "title", "place_day"):
        for node in nodes:
            if node.style != style:
                continue
            plain = days.masked(node.line.text)
            years = {int(each) for each in re.findall(r"năm\s+(20\d\d)", plain, re.IGNORECASE)}
            if len(years) == 1:
                return years.pop(), node.address
    return None, ""


_BARE_YEAR = re.compile(
    r"(?:[Pp]hấn đấu\s+(?:trong\s+)?|[Cc]hỉ tiêu\s+|[Mm]ục tiêu\s+|[Kk]ế hoạch\s+|^\W*(?:[Tt]rong\s+|[Rr]iêng\s+)?)(?P<words>[Nn]ăm\s+(?P<year>20\d\d))(?!\s?[-–]\s?\d)"
)


def _opening_year(sentence: str) -> list[days.FoundDay]:
    """«Năm 2024, ...», «phấn đấu năm 2024 ...»: a year without «đến» or «trong» that still sets the day of a target."""
    found = _BARE_YEAR.search(days.masked(sentence[:3_500]))
    if not found:
        return []
    return [
        days.FoundDay(
            words=sentence[found.start("words") : found.end("words")],
            start=found.start("words"),
            end=found.end("words"),
            day=date(int(found["year"]), 12, 31),
        )
    ]


def _bare_years(heading: str) -> list[days.FoundDay]:
    """A heading such as «CHỈ TIÊU NĂM 2024» sets the day of what stands under it; two different years set none."""
    plain = days.masked(heading)
    found = list(re.finditer(r"[Nn]ăm\s+(20\d\d)(?!\s?[-–]\s?\d)", plain.replace("NĂM", "năm")))
    if len({each[1] for each in found}) != 1:
        return []
    first = found[0]
    return [
        days.FoundDay(
            words=heading[first.start() : first.end()],
            start=first.start(),
            end=first.end(),
            day=date(int(first[1]), 12, 31),
        )
    ]


def _counted(sentence: str, found: numbers.FoundNumber) -> str:
    """The words that say what is counted: after the number up to a comma, or before it up to the verb."""
    after = re.sub(r"^/\s?\d+(?:,\d+)?\s?%", "", sentence[found.end :])
    after = re.split(
        r"[.;:]\s|,?\s+\(|[,\s]+(?:và\s+|trong đó\s+|có\s+)*(?:\w+\s+)?\d+(?:,\d+)?\s?%|[.;]$", after, maxsplit=1
    )[0].strip(" ,.;:)")
    after = re.sub(r"^(?:trở lên|số lượng|tổng số)\s*", "", after).strip()
    if (
        len(after) >= 5
        and re.match(r"[^\W\d_]", after)
        and not re.match(r"(?:trở|vào|trong|năm|so với|đến|trước|/)\b", after)
    ):
        return after
    before = re.split(r"[.;:]\s", sentence[: found.start])[-1]
    before = re.sub(r"^[\W\d]+", "", before)
    before = re.sub(
        r"\s*(?:(?:phấn đấu|bảo đảm|đảm bảo|đạt|là|tối thiểu|ít nhất|trên|từ|hơn|đạt tỷ lệ|tăng|giảm|lên|khoảng|còn|dưới|không quá)\s*)+$",
        "",
        before,
    )
    return before.strip(" ,<>=≥≤~") or found.words


def _indicators(draft: Draft) -> Iterator[DraftIndicator]:
    """One indicator for each target; its measures are named by the words of the target."""
    numbers_of: dict[str, int] = {}
    clause_pilot = {each.id: each.pilot for each in draft.clauses}
    units = {name: each.id for each in draft.units for name in (each.words, *each.also)}
    for number, target in enumerate(draft.targets, 1):
        pilot = clause_pilot.get(target.clause, "") or "P"
        numbers_of[pilot] = numbers_of.get(pilot, 0) + 1
        is_share = _is_share(target)
        counted = target.counted
        yield DraftIndicator(
            id=f"i{number}",
            at=target.at,
            words=target.value_words,
            code=f"{pilot}.{numbers_of[pilot]}",
            target=target.id,
            name=_short(target.words if target.counted in target.words else target.counted),
            counted=_short(counted, 80),
            kind="stock",
            numerator=f"dat_{number}",
            numerator_name=_short(f"Số đạt: {counted}"),
            denominator=f"tong_{number}" if is_share else "",
            denominator_name=_short(f"Tổng số: {counted}") if is_share else "",
            direction="down" if target.comparison in {"<", "<="} or target.change == "giảm" else "up",
            clause=target.clause,
            pilot=pilot,
            units=tuple(dict.fromkeys(units[each] for each in target.units if each in units)),
        )


def _is_share(target: DraftTarget) -> bool:
    return (target.unit in {"%", "phần trăm"} and 0 < target.value <= 100) or (not target.unit and 0 < target.value < 1)


def _short(text: str, longest: int = 200) -> str:
    plain = " ".join(text.replace("**", "").split()).strip(" -–+*.;,")
    return plain if len(plain) <= longest else plain[: longest - 1].rsplit(" ", 1)[0] + "…"
