"""The bodies that a draft names, what plan data must say of them, and the questions that only a person can answer."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from diem06.plan.drafting.draft import Draft, FoundUnit, Question
from diem06.plan.drafting.structure import Node, Topic
from diem06.plan.drafting.units import key_of, means_many, names_in
from vnlib.text import file_words, fold

_PROVINCE, _DISTRICT, _COMMUNE = "province", "district", "commune"


def with_units(draft: Draft, nodes: Sequence[Node]) -> Draft:  # noqa: C901  one loop for each list that names bodies
    """Return the draft with the bodies that it gives work to, and the one that issues it, each with a code and a key."""
    level = plan_level(nodes)
    issuer = issuer_of(nodes)
    found = _Found(issuer[0] if issuer else "")
    if issuer:
        _add(found, issuer[0], issuer[1], level, is_group=False)
    for assignment in draft.assignments:
        for name in assignment.lead:
            _add(found, name, assignment.lead_at, level)
        for name in assignment.coordinate:
            _add(found, name, assignment.coordinate_at or assignment.at, level)
    for target in draft.targets:
        for name in target.units:
            _add(found, name, target.at, level)
    for duty in draft.duties:
        for name in duty.who:
            _add(found, name, duty.at, level)
    for node in nodes:
        if (
            node.topic in {Topic.TASK, Topic.ORGANISATION, Topic.OTHER, Topic.CONDITION, Topic.REQUIREMENT}
            and not node.line.cells
        ):
            for each in names_in(node.words):
                if (key := found.key(each.words)) in found:
                    found[key] = _named_at(found[key], each.words, node.address)
    units = _with_keys(list(found.values()))
    ids = {name: unit.id for unit in units for name in (unit.words, *unit.also)}
    assignments = tuple(
        dataclasses.replace(
            each,
            lead_units=tuple(ids[name] for name in each.lead),
            coordinate_units=tuple(ids[name] for name in each.coordinate),
        )
        for each in draft.assignments
    )
    return dataclasses.replace(draft, units=tuple(units), assignments=assignments)


class _Found(dict[str, FoundUnit]):
    """Units by what all spellings share; the place of the issuer may be left out: «Công an tỉnh Bắc Giang» is «Công an tỉnh»."""

    def __init__(self, issuer: str) -> None:
        super().__init__()
        place = re.search(r"(?:tinh|huyen|thanh pho|thi xa|quan|xa|phuong|thi tran) (?P<name>[a-z ]+)$", key_of(issuer))
        self._tail = f" {place['name']}" if place else ""

    def key(self, name: str) -> str:
        key = key_of(name)
        is_named = self._tail and key.endswith(self._tail)
        if is_named and re.search(r"\b(?:tinh|huyen|pho|xa|quan|phuong|tran|doan)$", key.removesuffix(self._tail)):
            return key.removesuffix(self._tail)
        return key


def _add(found: _Found, name: str, at: str, level: str, *, is_group: bool | None = None) -> None:
    key = found.key(name)
    if key in found:
        found[key] = _named_at(found[key], name, at)
        return
    shown = _as_name(name)
    many = means_many(name) if is_group is None else is_group
    own = _level(name, level)
    found[key] = FoundUnit(
        id="",
        at=at,
        words=name,
        code="",
        key="",
        name=shown,
        short=re.sub(r"^(?:Ủy|Uỷ) ban nhân dân", "UBND", shown),
        is_group=many,
        kind=_kind(name, own),
        level=own,
        area_name=_area_name(name),
        named=(at,),
    )


def _named_at(unit: FoundUnit, name: str, at: str) -> FoundUnit:
    also = unit.also if name == unit.words or name in unit.also else (*unit.also, name)
    named = unit.named if at in unit.named else (*unit.named, at)
    return dataclasses.replace(unit, also=also, named=named)


def _as_name(name: str) -> str:
    """A name in the head of a document stands in capitals: «UBND HUYỆN ĐÔNG HẢI» is «UBND huyện Đông Hải»."""
    if name.upper() != name or len(name) < 12:
        return name[:1].upper() + name[1:]
    words = name.split()
    level = next(
        (at for at, word in enumerate(words) if word in {"TỈNH", "HUYỆN", "XÃ", "QUẬN", "PHƯỜNG", "PHỐ", "TRẤN"}), 0
    )
    plain = [word if word in {"UBND", "HĐND"} else word.lower() for word in words[: level + 1]]
    if plain[0] == plain[0].lower():
        plain[0] = plain[0].capitalize()
    shown = " ".join([*plain, *(word.capitalize() for word in words[level + 1 :])])
    return (
        f"UBND {shown[:1].lower()}{shown[1:]}"
        if re.match(r"(?:Tỉnh|Huyện|Thành phố|Xã|Thị xã|Quận|Phường)\b", shown)
        else shown
    )


_LEVEL_WORDS = (
    (
        r"\bcap xa\b|\b(?:ubnd|cong an|tram y te)\s+(?:cac )?(?:xa|phuong|thi tran)\b|\bxa, phuong|^(?:cac )?(?:xa|phuong|thi tran|thon)\b",
        _COMMUNE,
    ),
    (r"\bcap huyen\b|\b(?:huyen|quan|thi xa|thanh pho)\b", _DISTRICT),
    (r"\btinh\b|^so\b|^cac so\b|^bo\b|^chinh phu|^thu tuong", _PROVINCE),
)


def _level(name: str, level: str) -> str:
    folded = fold(name)
    for pattern, told in _LEVEL_WORDS:
        if re.search(pattern, folded):
            if told == _DISTRICT and level == _PROVINCE and "thanh pho" in folded and folded.startswith("so "):
                return _PROVINCE
            return told
    if folded.startswith("phong") and level == _PROVINCE:
        return _PROVINCE
    return level


_KINDS = (
    (r"^ubnd (?:cac )?(?:xa|phuong|thi tran|cap xa|dac khu)|^uy ban nhan dan (?:cac )?(?:xa|phuong|thi tran)", "commune_committee"),
    (r"^(?:ubnd|uy ban nhan dan) (?:cac )?(?:huyen|quan|thi xa|thanh pho|cap huyen|tp)", "district_committee"),
    (r"cong an", "police"),
    (r"mttq|mat tran|^hoi\b|doan thanh nien|\b(?:tinh|huyen|thanh|thi)\s?doan\b|lien doan|lien minh hop tac|^doan\b", "union"),
    (r"^truong\b|^hoc vien|^dai hoc", "school"),
    (r"^(?:so|phong|vp|van phong|thanh tra|ban dan toc|chi cuc|trung tam)\b", "department"),
    (r"bao hiem|bhxh|kho bac|ngan hang|^cuc\b|thue|hai quan|buu dien|vnpt|viettel|vien thong|dien luc|toa an|vien kiem sat|^bo\b|chinh phu|quan su", "central_body"),
)  # fmt: skip


def _kind(name: str, level: str) -> str:
    folded = re.sub(r"^(?:chu tich|giam doc|thu truong) ", "", fold(name))
    kind = next((kind for pattern, kind in _KINDS if re.search(pattern, folded)), "other")
    if kind == "district_committee" and level != _DISTRICT:
        return "body"
    return kind


_AREA = re.compile(
    r"((?:thành phố|TP\.?|thị xã|huyện|quận|xã|phường|thị trấn|tỉnh|đặc khu)\s+(?:[^\W\d_]+(?:[ \-]|$)){1,4})$",
    re.IGNORECASE,
)


def _area_name(name: str) -> str:
    found = _AREA.search(name)
    if not found:
        return ""
    words = found[1].split(maxsplit=1)
    last = words[-1] if len(words) > 1 else ""
    return found[1].strip() if last[:1].isupper() and not means_many(name) else ""


# --- Codes and keys.


def slug(name: str) -> str:
    """Return the name as small letters, digits and hyphens: «Sở Y tế» as so-y-te."""
    return re.sub(r"^(?:chu-tich|thu-truong|cac)-", "", file_words(name)).replace("uy-ban-nhan-dan", "ubnd") or "don-vi"


def _short_key(code: str) -> str:
    """At most 12 characters: the code itself, its first word and the initials of the rest, or initials alone."""
    if len(code) <= 12:
        return code
    words = code.split("-")
    initials = f"{words[0]}-{''.join(word[0] for word in words[1:])}"
    return initials[:12].strip("-") if len(words[0]) <= 8 else "".join(word[0] for word in words)[:12]


def _with_keys(units: list[FoundUnit]) -> list[FoundUnit]:
    codes: set[str] = set()
    keys: set[str] = set()
    done = []
    for number, unit in enumerate(units, 1):
        base = slug(unit.name)
        code = base if len(base) <= 60 else base[:60].strip("-")
        code = f"nhom-{code}" if unit.is_group and not code.startswith("nhom-") else code
        code = _unused(code, codes, 70)
        key = _unused(_short_key(slug(unit.name)), keys, 12)
        done.append(dataclasses.replace(unit, id=f"u{number}", code=code, key=key))
    return done


def _unused(wanted: str, taken: set[str], longest: int) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        tail = str(number)
        name = f"{wanted[: longest - len(tail)].rstrip('-')}{tail}"
    taken.add(name)
    return name


# --- The body that issues the plan.

_HEAD_ISSUER = re.compile(
    r"^\W*(?P<name>(?:ỦY BAN NHÂN DÂN|UỶ BAN NHÂN DÂN|UBND)\s+(?:TỈNH|HUYỆN|THÀNH PHỐ|TP\.?|THỊ XÃ|QUẬN|XÃ|PHƯỜNG|THỊ TRẤN)\s+.{2,40}|(?:BỘ|SỞ|BAN|CỤC|CÔNG AN)\s+.{2,60})$"
)
_ISSUES = re.compile(
    r"(?P<name>(?:Chủ tịch\s+)?(?:UBND|Ủy ban nhân dân|Uỷ ban nhân dân|Sở|Bộ|Công an|Ban)\s[^,;:]{2,60}?)\s+(?:ban hành|xây dựng|triển khai)\s+(?:Kế hoạch|Chương trình|Đề án|Phương án|kế hoạch)"
)


def issuer_of(nodes: Sequence[Node]) -> tuple[str, str] | None:
    """Return the name of the body that issues the plan as written and where: in the head, or «UBND tỉnh ... ban hành Kế hoạch»."""
    in_head = [
        (found["name"].strip(), node.address)
        for node in nodes[:12]
        if node.topic is Topic.HEAD
        for line in node.line.text.split("\n")
        if (found := _HEAD_ISSUER.match(line.strip("* ")))
    ]
    if in_head:
        return in_head[-1]  # the body above it stands first
    head = [node.line.text.strip("* ") for node in nodes[:3]]
    if (
        len(head) > 1
        and re.fullmatch(r"(?:ỦY|UỶ) BAN NHÂN DÂN", head[0])
        and re.match(r"(?:TỈNH|HUYỆN|THÀNH PHỐ|XÃ|THỊ XÃ|QUẬN|PHƯỜNG)\s", head[1])
    ):
        return head[1], nodes[1].address
    for node in nodes[:40]:
        if found := _ISSUES.search(node.line.text):
            names = [each for each in names_in(found["name"]) if not each.is_group]
            if names:
                return re.sub(r"^(?:Chủ tịch|Giám đốc)\s+", "", names[-1].words), node.address
    return None


def plan_level(nodes: Sequence[Node]) -> str:
    """Return the level that the plan is of, by the words of its head and first lines."""
    issuer = issuer_of(nodes)
    text = fold(issuer[0] if issuer else " ".join(node.line.text for node in nodes[:6]))
    if re.search(r"\b(?:xa|phuong|thi tran)\b", text) and not re.search(r"\bthi xa\b|\bhuyen\b|\btinh\b", text):
        return _COMMUNE
    if re.search(r"\btinh\b|\bso\b|\bbo\b", text):
        return _PROVINCE
    if re.search(r"\b(?:huyen|quan|thi xa)\b", text):
        return _DISTRICT
    body = fold(" ".join(node.line.text for node in nodes[:60]))
    if "thanh pho" in text:
        return _PROVINCE if re.search(r"\bso (?:noi vu|y te|tai chinh|xay dung|tu phap)\b", body) else _DISTRICT
    return _PROVINCE if " so " in body else _DISTRICT


# --- Questions.


def with_questions(draft: Draft, nodes: Sequence[Node], year: int | None) -> Draft:
    """Return the draft with what plan data must hold; answers that stand in the document are proposed with their words."""
    first = nodes[0]

    def of(style: str) -> Node | None:
        return next((node for node in nodes if node.style == style), None)

    subject, number = of("subject"), next((node for node in nodes if re.search(r"Số\s*:", node.line.text[:60])), None)
    place_day = next((node for node in nodes[:15] if node.style == "place_day" and "ngày" in node.line.text), None)
    title_words = " ".join(node.line.text.strip("* ") for node in nodes if node.style in {"title", "subject"})
    issuer = draft.units[0] if issuer_of(nodes) and draft.units else None
    leads = Counter(unit for each in draft.assignments for unit in each.lead_units)
    groups = {each.id for each in draft.units if each.is_group}
    main_lead = next((unit for unit, _ in leads.most_common() if unit not in groups), "")
    codes = {each.id: each for each in draft.units}
    steering = _steering(draft)
    day, day_words = _day_of(place_day)
    base = slug(issuer.area_name or issuer.name) if issuer else "ke-hoach"
    plan_id = re.sub(r"^(?:ubnd-)?(?:tinh|huyen|thanh-pho|quan|thi-xa|xa|phuong)-", "", base)
    shown = (subject or first).line.text

    def ask(name: str, asks: str, answer: str, node: Node | None, words: str = "", *, needed: bool = True) -> Question:
        at = node or first
        return Question(
            id=name,
            at=at.address,
            words=words or (at.line.text[:200] if node else ""),
            asks=asks,
            answer=answer,
            is_needed=needed,
        )

    def unit_node(unit: FoundUnit | None) -> Node | None:
        return next((node for node in nodes if unit and node.address == unit.at), None)

    lead_unit = codes.get(main_lead)
    place = place_day.line.text.split(",")[0].strip("* ") if place_day and "," in place_day.line.text else ""
    questions = (
        ask("plan.id", "Mã của kế hoạch: chữ thường, số, gạch nối.", f"{plan_id}-{year}" if year else plan_id, subject),
        ask("plan.key", "Mã ngắn, nhiều nhất 4 chữ thường và số.", _plan_key(plan_id, year), subject),
        ask("plan.title", "Tên kế hoạch.", " ".join(title_words.split())[:400], subject),
        ask("plan.title_en", "Tên kế hoạch bằng tiếng Anh.", "", None, needed=False),
        ask("plan.number", "Số, ký hiệu của kế hoạch.", _plan_number(number), number, needed=False),
        ask("plan.issued_on", "Ngày ban hành, bằng lời.", day_words, place_day, needed=False),
        ask("plan.in_force_from", "Ngày bắt đầu áp dụng, như 31/01/2024.", day.isoformat() if day else "", place_day),
        ask("plan.issuer", "Cơ quan ban hành.", issuer.code if issuer else "", unit_node(issuer)),
        ask("plan.lead_unit", "Đơn vị chủ trì.", lead_unit.code if lead_unit else "", unit_node(lead_unit)),
        ask(
            "plan.steering_unit",
            "Cơ quan thường trực, nhận báo cáo.",
            steering.code if steering else "",
            unit_node(steering),
        ),
        ask("plan.office_unit", "Văn phòng của cơ quan ban hành.", _office(draft), None, needed=False),
        ask(
            "plan.area",
            "Mã đơn vị hành chính mà kế hoạch bao trùm.",
            "",
            unit_node(issuer),
            issuer.area_name if issuer else "",
        ),
        ask("plan.place", "Địa danh ghi trên báo cáo.", place, place_day, needed=False),
        ask(
            "plan.calendar",
            "Kỳ báo cáo: month (từ ngày 01) hoặc nd09 (từ ngày 15 tháng trước).",
            "month",
            None,
            needed=False,
        ),
        ask("plan.first", "Tháng báo cáo đầu tiên: 2024-02.", f"{day:%Y-%m}" if day else "", place_day),
        ask("plan.lock_days", "Số ngày còn được sửa sau kỳ.", "5", None, needed=False),
        ask("report.title", "Tên báo cáo tháng.", " ".join(("Kết quả thực hiện", shown[:200])), subject, needed=False),
    )
    return dataclasses.replace(draft, questions=questions)


def _plan_key(plan_id: str, year: int | None) -> str:
    letters = "".join(word[0] for word in plan_id.split("-") if word and not word.isdigit())[:2] or "kh"
    return f"{letters}{year % 100:02}" if year else letters


def _plan_number(node: Node | None) -> str:
    if node is None:
        return ""
    found = re.search(r"Số\s*:\s*(?P<number>[^\n|]+)", node.line.text)
    words = found["number"].strip(" *") if found else ""
    return f"…{words}" if words.startswith("/") else words


def _day_of(node: Node | None) -> tuple[date | None, str]:
    if node is None:
        return None, ""
    found = re.search(r"ngày.*", node.line.text, re.IGNORECASE)
    words = found[0].strip(" *") if found else ""
    full = re.search(r"ngày\s+(\d{1,2})\s+tháng\s+(\d{1,2})\s+năm\s+(20\d\d)", words, re.IGNORECASE)
    if not full:
        return None, words
    try:
        return date(int(full[3]), int(full[2]), int(full[1])), words
    except ValueError:
        return None, words


def _steering(draft: Draft) -> FoundUnit | None:
    """The body that the document says follows the work and collects the reports."""
    groups = {each.id for each in draft.units if each.is_group}
    for each in draft.assignments:
        words = f"{each.words} {each.task}"
        if re.search(r"theo dõi|đôn đốc|thường trực|đầu mối", words) and re.search(r"tổng hợp|báo cáo", words):
            unit = next((unit for unit in each.lead_units if unit not in groups), "")
            if unit:
                return next(found for found in draft.units if found.id == unit)
    return None


def _office(draft: Draft) -> str:
    return next(
        (
            each.code
            for each in draft.units
            if re.match(r"v(?:an )?p(?:hong)?\b.*(?:ubnd|hdnd|uy ban)", fold(each.name)) and not each.is_group
        ),
        "",
    )


# --- Areas.


def with_areas(draft: Draft, areas: Iterable[tuple[str, str, str, str]]) -> Draft:
    """Fill in codes of areas by name: (code, name, level, parent). Only where one area alone has that name."""
    by_name: dict[str, list[tuple[str, str, str]]] = {}
    for code, name, level, parent in areas:
        by_name.setdefault(_place(name), []).append((code, level, parent))
    question = next((each for each in draft.questions if each.id == "plan.area"), None)
    issuer_code = next((each.answer for each in draft.questions if each.id == "plan.issuer"), "")
    issuer = next((each for each in draft.units if each.code == issuer_code), None)
    whole = ""
    if issuer and issuer.area_name:
        fits = [code for code, level, _ in by_name.get(_place(issuer.area_name), ()) if level == issuer.level]
        whole = fits[0] if len(fits) == 1 else ""
    units = []
    for unit in draft.units:
        fits = []
        if unit.area_name and not unit.is_group:
            fits = [
                code
                for code, level, parent in by_name.get(_place(unit.area_name), ())
                if level == unit.level and (not whole or parent in {whole, ""} or code == whole or level == _COMMUNE)
            ]
        units.append(dataclasses.replace(unit, area=fits[0]) if len(fits) == 1 else unit)
    questions = tuple(
        dataclasses.replace(each, answer=whole) if each is question and whole and not each.answer else each
        for each in draft.questions
    )
    return dataclasses.replace(draft, units=tuple(units), questions=questions)


def _place(name: str) -> str:
    """Folded, the word of its level left out unless a number follows: «Huyện Lục Nam» is «luc nam»."""
    folded = fold(name).replace("tp.", "thanh pho ")
    return re.sub(r"^(?:thanh pho|thi xa|thi tran|tinh|huyen|quan|xa|phuong|dac khu)\s+(?!\d)", "", folded).strip()
