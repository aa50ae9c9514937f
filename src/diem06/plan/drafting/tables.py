"""
Tables of tasks and of targets: which column says what, and what each row gives.

Heads are spelled in many ways and columns stand in any order. A table that runs over a page has no head the second time. What a
column holds is told by its head; where there is none, by its cells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from diem06.plan.drafting import numbers
from diem06.plan.drafting.days import cell_day
from diem06.plan.drafting.sources import Cell
from diem06.plan.drafting.units import is_only_names, names_in, names_of_cell
from vnlib.text import fold


class Role(StrEnum):
    """What a column says."""

    NUMBER = "number"
    TASK = "task"
    LEAD = "lead"
    COORDINATE = "coordinate"
    MIXED = "mixed"  # who leads and who co-ordinates in one cell
    RESULT = "result"
    DEADLINE = "deadline"
    START = "start"
    INDICATOR = "indicator"
    MEASURE = "measure"  # đơn vị tính
    VALUE = "value"
    PAST = "past"  # what was reached before
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The roles and heads of a table; `head_rows` is how many rows at its beginning are heads."""

    roles: tuple[Role, ...]
    heads: tuple[str, ...]
    head_rows: int
    is_sure: bool = True

    def places(self, *roles: Role) -> list[int]:
        """Return the columns of these roles."""
        return [at for at, role in enumerate(self.roles) if role in roles]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTask:
    """What one row says of a task. `row` counts from 0 in the table; `lead_row` is where the names stand (a group row above)."""

    row: int
    task: str
    lead: tuple[str, ...]
    lead_row: int
    coordinate: tuple[str, ...]
    deadline: str
    result: str
    is_mixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTarget:
    """A number that a row sets. `head` is that of its column; `name` what is counted."""

    row: int
    name: str
    value: Decimal
    value_to: Decimal | None
    value_words: str
    unit: str
    comparison: str
    head: str
    deadline: str
    owners: tuple[str, ...] = ()


@dataclass(slots=True)
class TableFound:
    """What a table gave. `texts` are the cells in which prose may set numbers: (row, text, deadline cell)."""

    columns: Columns | None
    tasks: list[RowTask] = field(default_factory=list)
    targets: list[RowTarget] = field(default_factory=list)
    texts: list[tuple[int, str, str]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)  # rows that only name a group
    unclear: list[tuple[int, str]] = field(default_factory=list)  # rows that gave nothing, and why


_YEAR = r"20\d\d"
# Folded head -> role; the first that fits counts.
_HEADS: tuple[tuple[str, Role], ...] = (
    (r"^(?:so )?(?:tt|stt|s\.?t\.?t|so thu tu|thu tu|ma so|ma|#|no|muc)\.?$", Role.NUMBER),
    (r"ghi chu|kinh phi|nguon (?:von|luc|kinh)|can cu|co so phap ly|tham chieu|du toan|tai lieu kiem chung", Role.OTHER),
    (r"chu tri.{0,25}phoi hop|phoi hop.{0,25}chu tri", Role.MIXED),
    (r"phoi hop|tham gia|co quan lien quan|don vi lien quan", Role.COORDINATE),
    (r"^(?:bat dau|khoi dong|ngay bat dau|thoi gian bat dau|tu ngay)", Role.START),
    (r"don vi tinh|^dvt|^d\.?v\.?t$|^dv tinh|^dv do|don vi do|^don vi \(", Role.MEASURE),
    (r"san pham|dau ra|ket qua (?:dau ra|can dat|du kien|yeu cau|dat duoc|hoan thanh|cu the|thuc hien$|chu yeu)|^ket qua$|hinh thuc van ban|^muc tieu can dat$|^ket qua, san pham", Role.RESULT),
    (rf"hien trang|uoc thuc hien|thuc hien (?:nam )?{_YEAR}|ket qua.{{0,14}}{_YEAR}|so lieu.{{0,12}}{_YEAR}|da dat|dat duoc den|^thuc trang", Role.PAST),
    (r"thoi (?:gian|han|diem)|tien do|^han\b|ngay hoan thanh|^hoan thanh|lo trinh|ket thuc|^ky han|thoi luong", Role.DEADLINE),
    (r"chu tri|chiu trach nhiem|dau moi|phu trach|(?:don vi|co quan|to chuc|bo phan|ca nhan|nguoi).{0,14}(?:thuc hien|duoc giao|trien khai|tham muu|chu dong)|phan cong|^thuc hien$|^don vi chu|co quan tham muu|don vi theo doi|co quan theo doi|^co quan$|^trach nhiem|co quan, don vi$", Role.LEAD),
    (r"^(?:muc tieu|chi tieu|ke hoach|muc phan dau|phan dau|gia tri|so luong|ty le|chi tieu giao|muc chi tieu|chi tieu ke hoach|ket qua|muc tieu phan dau)\s*(?:\(?%\)?|\(.*\))$", Role.VALUE),
    (rf"(?:ke hoach|muc tieu|chi tieu|phan dau|giao|den|nam|quy [iv\d]+|gia tri|muc|cuoi|het).{{0,25}}{_YEAR}|^{_YEAR}$|^quy [iv\d]+$|^(?:6|sau) thang", Role.VALUE),
    (r"ten chi tieu|noi dung chi tieu|^chi tieu|muc tieu|chi so|tieu chi|^ten (?:chi so|tieu chi)|danh muc chi tieu", Role.INDICATOR),
    (r"^ke hoach$|phan dau|chi tieu giao|^gia tri|^so luong|^ty le|^muc$|^muc dat|^muc phan|^tong so$|muc can dat|yeu cau dat", Role.VALUE),
    (r"nhiem vu|noi dung|cong viec|hoat dong|giai phap|^ten\b|mo hinh|danh muc|phan viec|dau viec|van de|yeu cau|hang muc|linh vuc|de an", Role.TASK),
    (r"^don vi$|^co quan|^don vi\b|^bo phan|^nguoi", Role.LEAD),
)  # fmt: skip
_GROUP_MARK = re.compile(r"\W*(?:[IVXL]+|[A-HĐ])\W*")
_ONLY_NUMBER = re.compile(r"\(?\d{1,3}(?:\.\d{1,2})*[.)]?\)?")


def role_of(head: str) -> Role | None:
    """Return what a column of this head says, None where the head is not known."""
    folded = fold(head).strip(" :.*")
    if not folded or len(folded) > 110:
        return None
    return next((role for pattern, role in _HEADS if re.search(pattern, folded)), None)


def columns_of(rows: Sequence[Sequence[Cell]], before: Columns | None) -> Columns | None:
    """Return the columns of a table; `before` are those of the table before it, which this one may continue."""
    for at in range(min(5, len(rows))):
        found = _from_heads(rows, at)
        if found:
            return found
    width = len(rows[0]) if rows else 0
    if before and len(before.roles) == width:
        return Columns(roles=before.roles, heads=before.heads, head_rows=0)
    return _from_cells(rows)


def _from_heads(rows: Sequence[Sequence[Cell]], at: int) -> Columns | None:
    row = rows[at]
    if _is_banner(row):
        return None
    heads = [cell.text for cell in row]
    roles = [role_of(text) for text in heads]
    named = {role for role in roles if role and role is not Role.NUMBER}
    content = {Role.TASK, Role.LEAD, Role.INDICATOR, Role.MIXED, Role.DEADLINE}
    distinct = {cell.text for cell in row if cell.text}
    if len(distinct) < 2 or len(named) < 2 or not named & content:
        return None
    if (
        any(len(text) > 110 for text in heads)
        or sum(1 for text in heads if text and re.fullmatch(r"[\d.,%]+", text)) > 1
    ):
        return None
    end = at + 1
    while end < len(rows) and end < at + 3 and _continues_heads(rows[end - 1], rows[end]):
        heads = [
            upper if cell.is_merged or not cell.text or cell.text == upper else f"{upper} {cell.text}"
            for upper, cell in zip(heads, rows[end], strict=True)
        ]
        own = [role_of(cell.text) if not cell.is_merged else None for cell in rows[end]]
        roles = [mine or role_of(head) or old for mine, head, old in zip(own, heads, roles, strict=True)]
        end += 1
    while end < len(rows) and all(not cell.text or _ONLY_NUMBER.fullmatch(cell.text) for cell in rows[end]):
        end += 1
    return _settled(rows, heads, roles, end)


def _is_banner(row: Sequence[Cell]) -> bool:
    return len({cell.text for cell in row if cell.text}) <= 1


def _continues_heads(upper: Sequence[Cell], lower: Sequence[Cell]) -> bool:
    """Does the lower row split the heads of the upper one?"""
    spans = any(cell.is_merged and cell.text == upper[at - 1].text for at, cell in enumerate(upper) if at)
    hangs = any(
        cell.is_merged and cell.text and cell.text == above.text for above, cell in zip(upper, lower, strict=True)
    )
    texts = [cell.text for cell in lower if cell.text and not cell.is_merged]
    return spans and hangs and all(len(text) < 60 for text in texts)


def _settled(rows: Sequence[Sequence[Cell]], heads: Sequence[str], roles: Sequence[Role | None], start: int) -> Columns:
    """Settle what a head leaves open by what stands below it."""
    settled = [role or Role.OTHER for role in roles]
    for at, role in enumerate(settled):
        cells = [row[at].text for row in rows[start:] if row[at].text and not _is_banner(row)]
        numeric = sum(1 for text in cells if _value(text) is not None)
        if role is Role.LEAD and cells and fold(heads[at]).strip() in {"don vi", "dv"}:
            known = sum(1 for text in cells if len(text) < 14 and not names_in(text))
            if known * 2 > len(cells) and (Role.INDICATOR in settled or Role.VALUE in settled):
                settled[at] = Role.MEASURE
        elif role in {Role.INDICATOR, Role.RESULT} and cells and numeric * 2 > len(cells):
            settled[at] = Role.VALUE
        elif role is Role.TASK and settled.index(Role.TASK) != at:
            settled[at] = (
                Role.VALUE
                if cells and numeric * 2 > len(cells)
                else Role.RESULT
                if Role.RESULT not in settled
                else Role.OTHER
            )
        elif role is Role.VALUE and cells and numeric * 3 < len(cells):
            settled[at] = Role.RESULT if Role.RESULT not in settled else Role.OTHER
    if Role.TASK not in settled and Role.INDICATOR not in settled:
        longest = _longest_column(rows[start:], [at for at, role in enumerate(settled) if role is Role.OTHER])
        if longest is not None:
            settled[longest] = Role.TASK
    return Columns(roles=tuple(settled), heads=tuple(heads), head_rows=start)


def _longest_column(rows: Sequence[Sequence[Cell]], places: Sequence[int]) -> int | None:
    lengths = {at: sum(len(row[at].text) for row in rows if not _is_banner(row)) for at in places}
    return max(lengths, key=lambda at: lengths[at]) if lengths and max(lengths.values()) > 0 else None


def _from_cells(rows: Sequence[Sequence[Cell]]) -> Columns | None:
    """Guess the columns of a table without head: names, days, the longest text."""
    width = len(rows[0]) if rows else 0
    if len(rows) < 2 or width < 3:
        return None
    roles = [Role.OTHER] * width
    for at in range(width):
        cells = [row[at].text for row in rows if row[at].text and not _is_banner(row)]
        if not cells:
            continue
        count = Counter(
            Role.NUMBER if _ONLY_NUMBER.fullmatch(text) else
            Role.LEAD if is_only_names(text) else
            Role.DEADLINE if len(text) < 40 and (day := cell_day(text)) and (day.day or day.every) else Role.OTHER
            for text in cells
        )  # fmt: skip
        role, times = count.most_common(1)[0]
        if times * 10 >= len(cells) * 6:
            roles[at] = role
    if Role.LEAD not in roles:
        return None
    first = roles.index(Role.LEAD)
    roles = [Role.COORDINATE if role is Role.LEAD and at != first else role for at, role in enumerate(roles)]
    longest = _longest_column(rows, [at for at, role in enumerate(roles) if role is Role.OTHER])
    if longest is None:
        return None
    roles[longest] = Role.TASK
    return Columns(roles=tuple(roles), heads=("",) * width, head_rows=0, is_sure=False)


# --- Rows.


def read_table(rows: Sequence[Sequence[Cell]], before: Columns | None) -> TableFound:
    """Return the tasks and targets of a table."""
    columns = columns_of(rows, before)
    found = TableFound(columns=columns)
    if columns is None:
        found.texts = [
            (at, cell.text, "") for at, row in enumerate(rows) for cell in row if cell.text and not cell.is_merged
        ]
        return found
    group: tuple[tuple[str, ...], int] = ((), 0)
    for at in range(columns.head_rows, len(rows)):
        row = rows[at]
        if at and [cell.text for cell in row] == [cell.text for cell in rows[columns.head_rows - 1]]:
            continue  # the head again, on the next page
        if _is_group(row, columns):
            found.groups.append(at)
            text = " ".join(
                dict.fromkeys(cell.text for cell in row if cell.text and not _ONLY_NUMBER.fullmatch(cell.text))
            )
            only = is_only_names(re.sub(r"^\W*(?:[IVXL]+|[A-HĐ]|\d+)[.)]?\s+", "", text))
            group = (tuple(each.words for each in only), at)
            continue
        _row(found, columns, row, at, group)
    return found


def _is_group(row: Sequence[Cell], columns: Columns) -> bool:
    """A row that names what follows: one text over all columns, or a Roman number and a title with the rest empty."""
    texts = {cell.text for cell in row if cell.text}
    if len(texts) <= 1:
        return True
    number = next((row[at].text for at in columns.places(Role.NUMBER)), "")
    named = columns.places(Role.TASK, Role.INDICATOR, Role.NUMBER)
    others = [cell.text for at, cell in enumerate(row) if at not in named and cell.text]
    titles = {row[at].text for at in columns.places(Role.TASK, Role.INDICATOR)}
    if all(text in titles for text in others) or not others:
        is_bare = not columns.places(Role.LEAD, Role.MIXED, Role.VALUE)
        return bool(_GROUP_MARK.fullmatch(number)) or not is_bare
    return False


def _texts(row: Sequence[Cell], places: Sequence[int]) -> list[str]:
    return list(dict.fromkeys(row[at].text for at in places if row[at].text))


def _row(found: TableFound, columns: Columns, row: Sequence[Cell], at: int, group: tuple[tuple[str, ...], int]) -> None:
    name = _flat(" ".join(_texts(row, columns.places(Role.TASK)) or _texts(row, columns.places(Role.INDICATOR))))
    deadline = _flat("; ".join(_texts(row, columns.places(Role.DEADLINE))))
    if deadline and re.fullmatch(r"[\W\d]{1,3}|x|nt", deadline, re.IGNORECASE):
        deadline = deadline if re.search(r"\d", deadline) else ""
    lead, coordinate, is_mixed = _who(columns, row)
    lead_row = at
    if not lead and group[0]:
        lead, lead_row = list(group[0]), group[1]
    for text in _texts(row, columns.places(Role.TASK, Role.INDICATOR, Role.RESULT)):
        found.texts.append((at, text, deadline))
    targets = list(_targets(columns, row, at, name, deadline, tuple(lead)))
    found.targets.extend(targets)
    if not name and lead:
        targets = list(_by_unit(columns, row, at, tuple(lead)))
        found.targets.extend(targets)
        if targets:
            return
    if columns.places(Role.LEAD, Role.MIXED, Role.COORDINATE) or lead:
        if not name:
            found.unclear.append((at, "Dòng của bảng không có nội dung công việc."))
        elif not lead:
            found.unclear.append((at, "Dòng của bảng không ghi đơn vị chủ trì."))
        else:
            found.tasks.append(
                RowTask(
                    row=at,
                    task=name,
                    lead=tuple(lead),
                    lead_row=lead_row,
                    coordinate=tuple(each for each in coordinate if each not in lead),
                    deadline=deadline,
                    result=_flat("; ".join(_texts(row, columns.places(Role.RESULT)))),
                    is_mixed=is_mixed,
                )
            )
    elif name and Role.TASK in columns.roles and not targets:
        found.unclear.append((at, "Bảng không có cột đơn vị thực hiện."))


def _by_unit(columns: Columns, row: Sequence[Cell], at: int, owners: tuple[str, ...]) -> Iterator[RowTarget]:
    """A table that gives each body its numbers: a row for a body, a column for what is counted."""
    for place, head in enumerate(columns.heads):
        cell = row[place]
        if columns.roles[place] not in {Role.VALUE, Role.INDICATOR, Role.TASK} or cell.is_merged:
            continue
        found = _value(cell.text)
        told = re.search(r"\((%|[^()\d]{1,20})\)", head)
        if found is None or not (told or found["unit"]):
            continue
        yield RowTarget(
            row=at,
            name=_flat(head.replace(told[0], "") if told else head),
            value=numbers.number(found["one"]),
            value_to=numbers.number(found["two"]) if found["two"] else None,
            value_words=_flat(cell.text),
            unit=(found["unit"] or (told[1] if told else "")).strip(),
            comparison=">=" if found["up"] else _SIGNS.get((found["sign"] or "").lower(), "="),
            head=head,
            deadline="",
            owners=owners,
        )


def _flat(text: str) -> str:
    return " ".join(text.split())


_SAME = re.compile(r"\W*(?:nt|nhu tren|-\s*nt\s*-|\"|”|″|'')\W*")


def _who(columns: Columns, row: Sequence[Cell]) -> tuple[list[str], list[str], bool]:
    lead: list[str] = []
    coordinate: list[str] = []
    is_mixed = False
    for text in _texts(row, columns.places(Role.LEAD)):
        if re.search(r"phối hợp", text, re.IGNORECASE):
            one, two, _ = split_roles(text)
            lead += one
            coordinate += two
        else:
            lead += names_of_cell(text)
    for text in _texts(row, columns.places(Role.MIXED)):
        one, two, is_told = split_roles(text)
        lead += one
        coordinate += two
        is_mixed = not is_told and len(one) > 1
    for text in _texts(row, columns.places(Role.COORDINATE)):
        coordinate += names_of_cell(text)
    return list(dict.fromkeys(lead)), list(dict.fromkeys(coordinate)), is_mixed


_ROLE_WORD = re.compile(r"(?P<lead>chủ trì|chịu trách nhiệm chính|thực hiện)|(?P<co>phối hợp)", re.IGNORECASE)


def split_roles(text: str) -> tuple[list[str], list[str], bool]:
    """
    Return who leads and who co-ordinates in «Sở A chủ trì; Sở B, C phối hợp» or «Chủ trì: Sở A. Phối hợp: Sở B».

    The last value: do the words tell the roles at all? If not, all are returned as leading.
    """
    marks = list(_ROLE_WORD.finditer(text))
    if not marks:
        return names_of_cell(text), [], False
    is_prefix = bool(
        re.match(r"\W*(?:(?:cơ quan|đơn vị)\s+)?(?:chủ trì|phối hợp|thực hiện)", text, re.IGNORECASE)
    ) or any(re.match(r"\s*:", text[mark.end() :]) for mark in marks)
    lead: list[str] = []
    coordinate: list[str] = []
    bounds = [mark.start() for mark in marks] + [len(text)]
    if is_prefix:
        lead += names_of_cell(_unlabelled(text[: bounds[0]]))
        for mark, end in zip(marks, bounds[1:], strict=True):
            words = names_of_cell(_unlabelled(text[mark.end() : end]))
            (coordinate if mark["co"] else lead).extend(words)
    else:
        start = 0
        role_after = "lead"
        for mark in marks:
            words = names_of_cell(_unlabelled(text[start : mark.start()]))
            (coordinate if mark["co"] and words and start else lead).extend(words)
            role_after = "co" if mark["co"] else "lead"
            start = mark.end()
        (coordinate if role_after == "co" else lead).extend(names_of_cell(_unlabelled(text[start:])))
    return list(dict.fromkeys(lead)), [each for each in dict.fromkeys(coordinate) if each not in lead], True


def _unlabelled(text: str) -> str:
    return re.sub(r"^\W*(?:với|cùng)\b|\b(?:cơ quan|đơn vị)\s*$|[(:)]", " ", text, flags=re.IGNORECASE)


_VALUE = re.compile(
    rf"\W*?(?P<sign>≥|>=|>|≤|<=|<|trên|dưới|tối thiểu|ít nhất|đạt|không quá|từ)?\s*(?P<one>{numbers._N})(?:\s?%?\s?[-–]\s?(?P<two>{numbers._N}))?"  # noqa: SLF001
    r"\s*(?P<unit>%|[^\W\d_][^\d]{0,24}?)?\s*(?P<up>trở lên)?\W*",
    re.IGNORECASE,
)
_SIGNS = {"≥": ">=", ">=": ">=", ">": ">", "≤": "<=", "<=": "<=", "<": "<", "trên": ">", "dưới": "<", "tối thiểu": ">=", "ít nhất": ">=", "không quá": "<="}  # fmt: skip


def _value(text: str) -> re.Match[str] | None:
    found = _VALUE.fullmatch(_flat(text))
    if found and re.fullmatch(r"\d{1,2}/\d{1,2}(?:/\d{4})?", _flat(text)):
        return None
    return found


def _targets(
    columns: Columns, row: Sequence[Cell], at: int, name: str, deadline: str, owners: tuple[str, ...]
) -> Iterator[RowTarget]:
    measure = _flat(" ".join(_texts(row, columns.places(Role.MEASURE))))
    if not name:
        return
    for place in columns.places(Role.VALUE):
        cell = row[place]
        if cell.is_merged and place and row[place - 1].text == cell.text:
            continue
        found = _value(cell.text)
        if found is None:
            continue
        own = (found["unit"] or "").strip()
        head_unit = re.search(r"\((%|[^()\d]{1,20})\)|(?<!\w)(%)", columns.heads[place]) or re.search(r"\((%)\)", name)
        unit = own or measure or (next((each for each in head_unit.groups() if each), "") if head_unit else "")
        if not unit and Role.INDICATOR not in columns.roles:
            continue  # a number in a table of tasks counts nothing that we know
        yield RowTarget(
            row=at,
            name=name,
            value=numbers.number(found["one"]),
            value_to=numbers.number(found["two"]) if found["two"] else None,
            value_words=_flat(cell.text),
            unit=unit,
            comparison=">=" if found["up"] else _SIGNS.get((found["sign"] or "").lower(), "="),
            head=columns.heads[place],
            deadline=deadline,
            owners=owners,
        )
