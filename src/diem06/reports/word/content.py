"""
Building the report: pure, from `Material`.

Its words are those of an official report and stay Vietnamese on an English screen. Parts I, III, IV and V and annexes II,
IV and V come from the rows that units wrote and from nothing else; part II and annexes I and III come from the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from diem06.core.organisation.queries import DISTRICT_COMMITTEE
from diem06.core.roster import Grade
from diem06.cube.board import Figure, Line
from diem06.plan.model import Indicator, Level
from diem06.plan.periods import VIETNAM, following
from diem06.reports.compiling.sections import CENTRE, CHAIRMAN, Passage, Section, pieces
from diem06.reports.models import Heading as Wrote
from diem06.reports.word import charts, printed
from diem06.reports.word.material import Material, Signing
from diem06.reports.word.printed import short_date
from diem06.reports.word.sentences import adds_up, printed_lines, sentences
from diem06.reports.word.tree import (
    Align,
    Annex,
    Block,
    Content,
    Head,
    Heading,
    Mark,
    Paragraph,
    Row,
    Run,
    Signature,
    Table,
    UnitText,
    cell,
    paragraph,
    runs,
)
from vnlib.text import date_in_words

NOTICE = "Số liệu giả định, không phải báo cáo thật"
NOT_APPROVED = "chưa duyệt"
NOTHING = "Không có nội dung báo cáo"
NOBODY = "Chưa có đơn vị báo cáo nội dung này"
OPEN = "…"
MOST_COLUMNS = 12
"""So many areas fit beside each other on a landscape page; more of them go to the Excel annex alone."""

GRADES = {Grade.EVIDENCED: "có bản ghi gốc", Grade.IMPORTED: "nhập từ hệ thống khác", Grade.DECLARED: "đơn vị báo cáo"}
_TIMELINESS = {"in_time": "Đúng hạn", "late": "Gửi muộn", "missing": "Chưa gửi", "not_due": "Chưa đến hạn"}
_KINDS_OF_AREA = ("huyện", "thị xã", "thành phố", "xã", "phường", "thị trấn", "đặc khu")


def build(material: Material, signing: Signing | None = None) -> Content:
    """Build the whole report of the province. What `signing` leaves open is printed as «…»."""
    signing = signing or Signing()
    body = [
        *opening(material, signing),
        *_part_1(material),
        *_part_2(material),
        *_part_3(material),
        *_part_4(material),
        *_part_5(material),
    ]
    return finished(material, signing, body, _annexes(material))


def opening(material: Material, signing: Signing) -> Iterator[Block]:
    """Yield the sentence that a report begins with, its days, and what it replaces."""
    if material.kind.issuer:
        yield paragraph(material.plan.report.opening.format(issuer=material.short(material.kind.issuer)))
    first, last = material.period.first_day, material.period.last_day
    yield Paragraph(
        runs=runs(f"(Số liệu từ ngày {short_date(first)} đến hết ngày {short_date(last)})"),
        is_italic=True,
    )
    if signing.takes_place_of:
        yield paragraph(f"Báo cáo này thay thế {signing.takes_place_of}.")


def finished(material: Material, signing: Signing, body: Sequence[Block], annexes: tuple[Annex, ...]) -> Content:
    """Put body and annexes into the form that the kind of report has; all but a section end in the closing sentence."""
    plan, kind = material.plan, material.kind
    is_section = not kind.issuer
    issuer = material.short(kind.issuer)
    if not is_section:
        title = plan.report.title[0].lower() + plan.report.title[1:]
        closing = runs(f"Trên đây là báo cáo của {issuer} về {title} {month_words(material.period.code)}./.")
        body = [*body, Paragraph(runs=closing, is_closing=True)]
    return Content(
        plan=plan.id,
        kind=kind.code,
        period=material.period.code,
        notice=NOTICE if material.is_made_up else "",
        head=None if is_section else _head(material, signing),
        type_name="" if is_section else "BÁO CÁO",
        subject=plan.report.section_heading if is_section else subject(material),
        addressees=() if is_section else kind.addressees,
        body=tuple(body),
        signature=None if is_section else _signature(material, signing),
        attached_to=""
        if is_section
        else f"Kèm theo Báo cáo số {OPEN}/{kind.symbol} ngày {OPEN} tháng {OPEN} năm {OPEN} của {issuer}",
        annexes=annexes,
        unit=material.unit,
    )


def subject(material: Material) -> str:
    """Return the subject of the report, in two lines: what it tells of, and the tasks of the month after."""
    year, month = material.period.code.split("-")
    next_year, next_month = following(material.period.code).split("-")
    this = f"tháng {_two(month)}" + ("" if year == next_year else f" năm {year}")
    return f"{material.plan.report.title} {this},\nnhiệm vụ trọng tâm tháng {_two(next_month)} năm {next_year}"


# -- head and signature ----------------------------------------------------------------------------------------------
def _head(material: Material, signing: Signing) -> Head:
    kind, place = material.kind, material.plan.report.place
    issuer = material.units[kind.issuer]
    if issuer.kind == DISTRICT_COMMITTEE:  # the decree: the place of a district's committee is the district
        place = material.tree.get(issuer.area).short_name
    header = issuer.header or (issuer.name.upper(),)
    year, month = (int(number) for number in material.period.code.split("-"))
    day = signing.day
    words = date_in_words(day.day, day.month, day.year) if day else date_in_words(None, month, year)
    # A committee has no superior body above it: its name itself takes two lines.
    is_committee = header[0] == "ỦY BAN NHÂN DÂN"
    return Head(
        superior="" if is_committee or len(header) == 1 else header[0],
        issuer="\n".join(header) if is_committee else header[-1],
        number=f"Số: {number_words(signing.number)}/{kind.symbol}",
        place_and_day=f"{place}, {words}",
    )


def number_words(given: str) -> str:
    """A number under 10 has a 0 before it."""
    given = given.strip()
    return (f"{int(given):02}" if given.isdecimal() else given) or OPEN


def _signature(material: Material, signing: Signing) -> Signature:
    kind = material.kind
    return Signature(
        lines=signing.signs or kind.signs,
        name=signing.signer.strip() or OPEN,
        recipients=kind.recipients,
    )


# -- parts -----------------------------------------------------------------------------------------------------------
def _part_1(material: Material) -> Iterator[Block]:
    """Leadership: the units' own plans, who sent, and what units without a pilot did. From rows alone."""
    yield Heading(level=1, text="I. CÔNG TÁC LÃNH ĐẠO, CHỈ ĐẠO")
    yield _unit_plans(material)
    yield _sent(material)
    yield paragraph("Các đơn vị đã chỉ đạo, thực hiện:")
    own, wrote = material.sections[Wrote.DONE], material.texts[Wrote.DONE]
    if own.passages or own.is_rewritten or not wrote:
        yield from _wrote(material, own)
    if len({said.unit for said in own.said}) < len(wrote):
        yield paragraph("Kết quả của các đơn vị thực hiện mô hình: Phần II và Phụ lục II.")


def _unit_plans(material: Material) -> Paragraph:
    owing_units = [sending.report.unit for sending in material.sendings]
    issued = [unit for unit in owing_units if unit in material.unit_plans]
    others = [unit for unit in owing_units if unit not in material.unit_plans]
    deadline = material.unit_plan_deadline
    in_time = [unit for unit in issued if deadline and material.unit_plans[unit].issued_on <= deadline]
    timely = (
        runs(
            ", trong đó ",
            _rows(material, "plans", "in_time", len(in_time)),
            f" đơn vị ban hành trong thời hạn (đến hết ngày {short_date(deadline)})",
        )
        if deadline and issued
        else ()
    )
    lacking = runs("; chưa ban hành: ", _names(material, others)) if others else ()
    return paragraph(
        f"Đến hết ngày {short_date(material.period.last_day)}, ",
        _rows(material, "plans", "num", len(issued)),
        "/",
        _rows(material, "plans", "den", len(owing_units)),
        " đơn vị đã ban hành Kế hoạch triển khai",
        timely,
        lacking,
        ".",
    )


def _sent(material: Material) -> Paragraph:
    by = {
        code: [sending.report.unit for sending in material.sendings if sending.timeliness == code]
        for code in _TIMELINESS
    }
    waiting = by["missing"] + by["not_due"]
    late = (
        runs("; ", _rows(material, "sent", "late", len(by["late"])), " đơn vị gửi muộn: ", _names(material, by["late"]))
        if by["late"]
        else ()
    )
    absent = (
        runs("; ", _rows(material, "sent", "missing", len(waiting)), " đơn vị chưa gửi: ", _names(material, waiting))
        if waiting
        else ()
    )
    annex = " (Phụ lục V)" if material.kind.late_annex else ""
    return paragraph(
        f"Báo cáo tháng {_two(material.period.code[-2:])}: ",
        _rows(material, "sent", "num", len(by["in_time"]) + len(by["late"])),
        "/",
        _rows(material, "sent", "den", len(material.sendings)),
        " đơn vị đã gửi báo cáo có lãnh đạo duyệt, trong đó ",
        _rows(material, "sent", "in_time", len(by["in_time"])),
        " đơn vị gửi đúng hạn",
        late,
        absent,
        f"{annex}.",
    )


def _part_2(material: Material) -> Iterator[Block]:
    """The pilots: who carries them out, what was done, and a sentence for each indicator."""
    yield Heading(level=1, text="II. KẾT QUẢ THỰC HIỆN")
    plan = material.plan
    pilots = sorted(plan.pilots, key=lambda pilot: pilot.code != plan.report.provincial_pilot)
    number = 0
    for place, pilot in enumerate(pilots, start=1):
        if pilot.code == plan.report.provincial_pilot:
            yield Heading(level=2, text=f"{place}. Mô hình cấp tỉnh: {pilot.title}")
            units = [plan.lead_unit]
        else:
            number += 1
            yield Heading(level=2, text=f"{place}. Mô hình {number}: {pilot.title}")
            units = [task.unit for task in material.tasks if task.pilot == pilot.code]
            yield paragraph("Đơn vị thực hiện: ", _names(material, units), ".")
        yield paragraph("Việc đã làm trong kỳ:")
        yield from _wrote(material, material.sections[f"{Wrote.DONE}:{pilot.code}"])
        yield paragraph("Kết quả thực hiện chỉ tiêu:")
        for indicator in indicators_of(material, pilot.code):
            yield from sentences(material.windows, indicator, plan)


JUDGED = (
    (Wrote.GOOD, "Ưu điểm"),
    (Wrote.SHORTCOMINGS, "Tồn tại, hạn chế"),
    (Wrote.DIFFICULTIES, "Khó khăn, vướng mắc"),
    (Wrote.CAUSES, "Nguyên nhân"),
)


def _part_3(material: Material) -> Iterator[Block]:
    yield Heading(level=1, text="III. ĐÁNH GIÁ CHUNG")
    for number, (heading, title) in enumerate(JUDGED, start=1):
        yield Heading(level=2, text=f"{number}. {title}")
        yield from _wrote(material, material.sections[heading])


def _part_4(material: Material) -> Iterator[Block]:
    yield Heading(level=1, text="IV. NHIỆM VỤ TRỌNG TÂM THÁNG TIẾP THEO")
    yield from _wrote(material, material.sections[Wrote.NEXT_MONTH])


def _part_5(material: Material) -> Iterator[Block]:
    """Proposals: those that name a central body go to the centre, the others to the chairman."""
    yield Heading(level=1, text="V. KIẾN NGHỊ, ĐỀ XUẤT")
    plan = material.plan
    chairman = f"{material.units[plan.issuer].head_title.capitalize()} {material.short(plan.issuer)}"
    for number, (part, addressee) in enumerate(((CENTRE, "bộ, ngành Trung ương"), (CHAIRMAN, chairman)), start=1):
        yield Heading(level=2, text=f"{number}. Đối với {addressee}")
        yield from _wrote(material, material.sections[f"{Wrote.PROPOSALS}:{part}"])


# -- annexes ---------------------------------------------------------------------------------------------------------
def _annexes(material: Material) -> tuple[Annex, ...]:
    titles = [
        ("CHỈ TIÊU CÁC MÔ HÌNH ĐIỂM", _annex_1),
        ("KẾT QUẢ THỰC HIỆN CÁC NHIỆM VỤ ĐƯỢC PHÂN CÔNG", _annex_2),
        (f"KẾT QUẢ THEO {_inner_level(material).upper()}", _annex_3),
        ("KHÓ KHĂN, VƯỚNG MẮC VÀ KIẾN NGHỊ, ĐỀ XUẤT", _annex_4),
    ]
    if material.kind.late_annex:
        titles.append(("TÌNH HÌNH GỬI BÁO CÁO THÁNG CỦA CÁC ĐƠN VỊ", _annex_5))
    return tuple(
        Annex(number=number, title=title, blocks=tuple(make(material)))
        for number, (title, make) in zip(("I", "II", "III", "IV", "V"), titles, strict=False)
    )


def _annex_1(material: Material) -> Iterator[Block]:
    yield indicator_table(material, grouped(material))
    yield paragraph(
        f"Lũy kế tính từ ngày {material.windows.first_day}, chỉ với chỉ tiêu cộng được qua các tháng. "
        "Dấu — là chưa có số liệu, không có mục tiêu hoặc không tính lũy kế."
    )
    yield from charts.against_target(material)
    yield from charts.course(material)


def indicator_table(material: Material, groups: Iterable[tuple[str, list[Indicator]]]) -> Table:
    """Return the table of indicators: target, numerator and denominator, result, last month, run so far, source."""
    rows: list[Row] = []
    for title, indicators in groups:
        rows.append(Row(cells=(cell(title),), is_group=True))
        for indicator in indicators:
            lines, is_undecided = printed_lines(material.windows.now, indicator)
            rows += [
                _indicator_row(material, line, place if is_undecided else 0) for place, line in enumerate(lines, 1)
            ]
    return Table(
        caption="Chỉ tiêu",
        head=("Mã", "Chỉ tiêu", "Mục tiêu", "Tử số/mẫu số", "Kết quả", "Tháng trước", "Lũy kế", "Nguồn số liệu"),
        widths=(15, 72, 19, 53, 21, 21, 21, 30),
        rows=tuple(rows),
    )


def _indicator_row(material: Material, line: Line, reading: int) -> Row:
    windows = material.windows
    figure = windows.now.figure(line.code)
    before = windows.before.known(line.code) if windows.before else None
    so_far = windows.so_far.known(line.code) if adds_up(line, material.plan) else None
    return Row(
        cells=(
            cell(line.code, align=Align.CENTER),
            cell(_row_name(line, figure, reading)),
            cell(printed.target(figure), align=Align.RIGHT),
            cell(_fraction(figure), align=Align.RIGHT),
            cell(_result(figure), align=Align.RIGHT),
            cell(printed.value(before) if before else printed.NO_NUMBER, align=Align.RIGHT),
            cell(printed.value(so_far) if so_far else printed.NO_NUMBER, align=Align.RIGHT),
            cell(GRADES[figure.grade] if figure.grade else printed.NO_NUMBER),
        )
    )


def _row_name(line: Line, figure: Figure, reading: int) -> tuple[Run, ...]:
    """In a table the name loses its «Tỷ lệ»; a reading that was not decided stands behind it."""
    name = line.indicator.name.removeprefix("Tỷ lệ ")
    name = name[0].upper() + name[1:]
    if not reading or line.reading is None:
        return runs(name)
    return runs(f"{name}, cách {reading}: ", printed.words(figure, line.reading.text))


def _fraction(figure: Figure) -> tuple[Run, ...]:
    if figure.value is None or not figure.is_ratio:
        return runs(printed.NO_NUMBER)
    return runs(printed.numerator(figure), "/", printed.denominator(figure))


def _result(figure: Figure) -> tuple[Run, ...]:
    if figure.value is None and figure.denominator == 0:
        return runs("không phát sinh")
    return runs(printed.value(figure))


def _annex_2(material: Material) -> Iterator[Block]:
    """The assignments: from the unit's own plan and its own words."""
    titles = {pilot.code: pilot.short_title for pilot in material.plan.pilots}
    done, short = dict(material.texts[Wrote.DONE]), dict(material.texts[Wrote.SHORTCOMINGS])
    rows = []
    for number, task in enumerate(material.tasks, start=1):
        own = material.unit_plans.get(task.unit)
        rows.append(
            Row(
                cells=(
                    cell(str(number), align=Align.CENTER),
                    cell(titles[task.pilot]),
                    cell(material.short(task.unit)),
                    cell(f"{own.number}, ngày {short_date(own.issued_on)}" if own else "Chưa ban hành"),
                    cell(_said(material, Wrote.DONE, task.unit, done)),
                    cell(_said(material, Wrote.SHORTCOMINGS, task.unit, short)),
                )
            )
        )
    yield Table(
        caption="Nhiệm vụ được phân công",
        head=("TT", "Mô hình", "Đơn vị", "Kế hoạch của đơn vị", "Kết quả thực hiện", "Tồn tại, hạn chế"),
        widths=(10, 28, 36, 36, 77, 60),
        rows=tuple(rows),
    )


def _annex_3(material: Material) -> Iterator[Block]:
    """The figures of the areas right inside the plan's area, side by side."""
    now = material.windows.now
    areas = material.tree.children(material.plan.area)
    if not areas or len(areas) > MOST_COLUMNS:
        yield paragraph("Số liệu theo xã, phường, thị trấn: tệp Excel kèm theo báo cáo.")
        return
    level = Level(areas[0].level)
    rows: list[Row] = []
    for title, indicators in grouped(material):
        of_pilot = []
        for indicator in indicators:
            lines, is_undecided = printed_lines(now, indicator)
            for place, line in enumerate(lines, 1):
                if level not in now.board.levels(line.code):
                    continue
                found = [now.figure(line.code, area=area.code) for area in areas]
                name = _row_name(line, found[0], 0)
                of_pilot.append(
                    Row(
                        cells=(
                            cell(line.code, align=Align.CENTER),
                            cell(name, f", cách {place}" if is_undecided else ""),
                            *(cell(printed.value(figure), align=Align.RIGHT) for figure in found),
                        )
                    )
                )
        if of_pilot:
            rows += [Row(cells=(cell(title),), is_group=True), *of_pilot]
    width = 178 / len(areas)
    yield Table(
        caption="Kết quả theo địa bàn",
        head=("Mã", "Chỉ tiêu", *(area.short_name for area in areas)),
        widths=(15, 59, *([width] * len(areas))),
        rows=tuple(rows),
    )
    yield paragraph(
        "Dấu — là chưa có số liệu hoặc địa bàn không thực hiện mô hình. Số liệu cấp xã: tệp Excel kèm theo báo cáo."
    )
    yield from charts.by_area(material, areas)


def _annex_4(material: Material) -> Iterator[Block]:
    texts = {heading: dict(material.texts[heading]) for heading in (Wrote.DIFFICULTIES, Wrote.CAUSES, Wrote.PROPOSALS)}
    units = [unit for unit in material.units if any(unit in written for written in texts.values())]
    if not units:
        yield paragraph(f"{NOBODY}.")
        return
    yield Table(
        caption="Khó khăn, vướng mắc và kiến nghị, đề xuất",
        head=("TT", "Đơn vị", "Khó khăn, vướng mắc", "Nguyên nhân", "Kiến nghị, đề xuất"),
        widths=(10, 42, 70, 55, 70),
        rows=tuple(
            Row(
                cells=(
                    cell(str(number), align=Align.CENTER),
                    cell(material.short(unit)),
                    *(cell(_said(material, heading, unit, written)) for heading, written in texts.items()),
                )
            )
            for number, unit in enumerate(units, start=1)
        ),
    )


def _annex_5(material: Material) -> Iterator[Block]:
    yield paragraph(
        f"Hạn gửi: trước {moment(material.period.due_at)}. Lấy theo thời điểm lãnh đạo đơn vị duyệt báo cáo."
    )
    yield Table(
        caption="Tình hình gửi báo cáo",
        head=("TT", "Đơn vị", "Số báo cáo", "Thời điểm duyệt", "Tình hình"),
        widths=(10, 90, 57, 50, 40),
        rows=tuple(
            Row(
                cells=(
                    cell(str(number), align=Align.CENTER),
                    cell(material.short(sending.report.unit)),
                    cell(sending.report.approval_number or printed.NO_NUMBER),
                    cell(
                        moment(sending.report.first_approved_at)
                        if sending.report.first_approved_at
                        else printed.NO_NUMBER,
                        align=Align.CENTER,
                    ),
                    cell(_TIMELINESS[sending.timeliness]),
                )
            )
            for number, sending in enumerate(material.sendings, start=1)
        ),
    )


# -- indicators by pilot ---------------------------------------------------------------------------------------------
def indicators_of(material: Material, pilot: str) -> list[Indicator]:
    """Return the indicators of a pilot (empty: those of no pilot, about how the plan is carried out) in the plan's order."""
    pilots = {clause.id: clause.pilot for clause in material.plan.clauses}
    return [indicator for indicator in material.plan.indicators if pilots[indicator.clauses[0]] == pilot]


def grouped(material: Material) -> Iterator[tuple[str, list[Indicator]]]:
    """Yield the indicators by pilot, the provincial one first; last those of no pilot."""
    plan = material.plan
    number = 0
    for pilot in sorted(plan.pilots, key=lambda pilot: pilot.code != plan.report.provincial_pilot):
        if pilot.code == plan.report.provincial_pilot:
            title = "Mô hình cấp tỉnh"
        else:
            number += 1
            title = f"Mô hình {number}: {pilot.title}"
        yield title, indicators_of(material, pilot.code)
    if rest := indicators_of(material, ""):
        yield "Tổ chức thực hiện", rest


def _inner_level(material: Material) -> str:
    """Name the kinds of area right inside the plan's: «huyện, thị xã, thành phố»."""
    kinds = {area.type.lower() for area in material.tree.children(material.plan.area)}
    return ", ".join(kind for kind in _KINDS_OF_AREA if kind in kinds) or "địa bàn"


# -- what units wrote, and what the office wrote in its place ---------------------------------------------------------
def _wrote(material: Material, section: Section) -> Iterator[Block]:
    """Yield what the office wrote for a section; else the units' words, folded ones once, with the names of all who wrote so."""
    if section.is_rewritten:
        yield from _rewritten(material, section)
    elif not section.passages:
        yield paragraph(f"{NOBODY}.")
    else:
        for passage in section.passages:
            mark = text_mark(material, section.key.heading, passage.said.unit, passage.said.text)
            lead = runs("- ", _names_of(material, passage), ": ")
            if "\n" in mark.text:
                yield paragraph(lead)
                yield UnitText(mark=mark)
            else:
                yield paragraph(lead, mark)


def _names_of(material: Material, passage: Passage) -> str:
    """Name who wrote so; whose head has not approved yet is marked."""
    approved: dict[str, bool] = {}
    for said in passage.all:
        approved[said.unit] = approved.get(said.unit, True) and said.is_approved
    return ", ".join(
        material.short(unit) + ("" if is_approved else f" ({NOT_APPROVED})") for unit, is_approved in approved.items()
    )


def _rewritten(material: Material, section: Section) -> Iterator[Block]:
    """Yield the office's own words: each piece between figures under a tag of its own, each figure under that of the figure."""
    assert section.written is not None
    name = str(section.key).replace(":", "-")
    stem = f"{material.plan.key}:words:{name}:{material.period.code}:v{section.written.version}"
    number = 0
    for line in section.written.text.split("\n"):
        found: list[str | Run] = []
        for piece in pieces(line):
            if not isinstance(piece, str):
                found.append(printed.part_of(material.windows.now, piece.code, piece.part))
                continue
            words = " ".join(piece.split())
            if words:
                number += 1
                mark = Mark(text=words, tag=f"{stem}.{number}#{printed.Beside.TEXT}")
                # A control holds no blanks at its ends.
                found += [_blank(piece, piece.lstrip()), mark, _blank(piece, piece.rstrip())]
            else:
                found.append(piece)
        if any(not isinstance(each, str) or each.strip() for each in found):
            yield paragraph(*found)


def _blank(piece: str, stripped: str) -> str:
    return "" if piece == stripped else " "


def _said(material: Material, heading: Wrote, unit: str, texts: dict[str, str]) -> tuple[Run, ...]:
    return runs(text_mark(material, heading, unit, texts[unit])) if unit in texts else runs(printed.NO_NUMBER)


def text_mark(material: Material, heading: Wrote, unit: str, text: str) -> Mark:
    """A unit's words stand under a tag of their own, so that a percentage in them is under one too."""
    tag = f"{material.plan.key}:text:{material.key(unit)}:{heading.value}:{material.period.code}#{printed.Beside.TEXT}"
    return Mark(text=text, tag=tag)


def _rows(material: Material, what: str, part: str, count: int) -> Mark:
    """A count of rows (unit plans, reports sent): under a tag, though it is no figure of the plan."""
    return Mark(
        text=f"{count:02}" if 0 < count < 10 else str(count),
        tag=f"{material.plan.key}:rows:{what}:{material.period.code}#{part}",
    )


def _names(material: Material, units: Iterable[str]) -> str:
    return ", ".join(material.short(unit) for unit in dict.fromkeys(units))


# -- words -----------------------------------------------------------------------------------------------------------
def moment(at: datetime) -> str:
    """«23:59 ngày 14/7/2023», in Vietnam's time."""
    local = at.astimezone(VIETNAM)
    return f"{local:%H:%M} ngày {short_date(local.date())}"


def month_words(period: str) -> str:
    year, month = period.split("-")
    return f"tháng {_two(month)} năm {year}"


def _two(month: str) -> str:
    """Months 1 and 2 have a 0 before them, the others not (Nghị định 30/2020)."""
    return f"{int(month):02}" if int(month) <= 2 else str(int(month))


def missing_units(material: Material) -> list[str]:
    """Return the names of the units that have not sent their report."""
    return [
        material.short(sending.report.unit)
        for sending in material.sendings
        if sending.timeliness in {"missing", "not_due"}
    ]


def undecided(material: Material) -> list[str]:
    """Return the codes of the indicators whose readings nobody decided."""
    return [
        indicator.code for indicator in material.plan.indicators if printed_lines(material.windows.now, indicator)[1]
    ]


def without_data(material: Material) -> list[str]:
    """Return the codes of the indicators, or readings, for which there is no number."""
    now = material.windows.now
    return [
        line.code
        for indicator in material.plan.indicators
        for line in printed_lines(now, indicator)[0]
        if now.figure(line.code).value is None and now.figure(line.code).denominator != 0
    ]
