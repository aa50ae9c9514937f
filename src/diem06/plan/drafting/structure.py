"""
How the lines of a plan hang together: styles, headings over each paragraph, and what a part of the plan speaks of.

Numbers are not trusted: real plans count III twice and jump from 5 to 7. Only the kind of mark tells how deep a line lies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from diem06.plan.drafting.sources import (
    APPENDIX,
    ARABIC,
    BRACKET,
    DASH,
    LETTER,
    PLUS,
    ROMAN,
    STAR,
    TEXT,
    UNMARKED_HEADING,
    Line,
    words_of,
)
from vnlib.text import fold


class Topic(StrEnum):
    """What a part of the plan speaks of."""

    HEAD = "head"  # agency, number, title
    BASE = "base"  # căn cứ
    SITUATION = "situation"  # what was reached before
    PURPOSE = "purpose"
    REQUIREMENT = "requirement"
    TARGET = "target"
    CONDITION = "condition"
    TASK = "task"
    ORGANISATION = "organisation"
    END = "end"  # nơi nhận, signature
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """
    A line in its place. `above` are the indexes of the lines over it, outermost first; `is_heading`: it only names a part.

    `topic` is that of the nearest heading that tells one; `label` the words before the colon at its beginning.
    """

    index: int
    address: str
    line: Line
    style: str
    above: tuple[int, ...]
    is_heading: bool
    topic: Topic
    label: str = ""

    @property
    def words(self) -> str:
        """The words without mark, bold and italic."""
        return self.line.text if self.line.cells else words_of(self.line.text)


_TITLES = re.compile(
    r"(?:KẾ HOẠCH|ĐỀ ÁN|CHƯƠNG TRÌNH|CHƯƠNG TRÌNH HÀNH ĐỘNG|QUYẾT ĐỊNH|NGHỊ QUYẾT|PHƯƠNG ÁN|CHỈ THỊ|DỰ ÁN|KẾ HOẠCH HÀNH ĐỘNG|HƯỚNG DẪN|THÔNG BÁO)"
)
_TITLE_START = re.compile(rf"{_TITLES.pattern}\s+\S", re.UNICODE)
_BASE = re.compile(
    r"(?:Căn cứ|Thực hiện|Thi hành|Theo|Triển khai|Để triển khai|Để thực hiện|Nhằm|Xét|Trên cơ sở|Tiếp tục thực hiện)\b"
)
_NATION = re.compile(r"C[ỘO]NG H[ÒO][AÀ] X[ÃA] H[ỘO]I CH[ỦU] NGH[ĨI]A|Độc lập\s*[-–]\s*Tự do", re.IGNORECASE)
_PLACE_DAY = re.compile(r"[\w\s.\-–]{2,40},\s*ngày\b.{0,30}\bnăm\b.{0,8}$", re.IGNORECASE)
_NUMBER = re.compile(r"\**Số\s*:")
_RECIPIENTS = re.compile(r"\W*(?:Nơi nhận)\s*:?", re.IGNORECASE)
_SIGNER = re.compile(
    r"\W*(?:TM|KT|TL|TUQ|Q)\s?\.\s*[A-ZĐÀ-Ỹ]|\W*(?:PHÓ |QUYỀN )?(?:CHỦ TỊCH|GIÁM ĐỐC|BỘ TRƯỞNG|TRƯỞNG PHÒNG|TRƯỞNG BAN|CHÁNH VĂN PHÒNG|THỨ TRƯỞNG)\W*$"
)
_ATTACHED = re.compile(r"\W*\((?:Ban hành )?(?:k|K)èm theo|\W*\(Ban hành kèm", re.IGNORECASE)

# Folded words of a heading -> what it speaks of; the first that stands in it counts.
_TOPICS: tuple[tuple[str, Topic], ...] = (
    (r"can cu (phap ly|xay dung|ban hanh)|^can cu$|co so phap ly|van ban chi dao", Topic.BASE),
    (r"thuc trang|tinh hinh|ket qua (da )?(dat duoc|thuc hien|trien khai)|^ket qua.{0,60}nam 20\d\d|danh gia (chung|ket qua)|hien trang|dac diem|bai hoc|ton tai, han che|su can thiet", Topic.SITUATION),
    (r"chi tieu|muc tieu", Topic.TARGET),
    (r"muc dich.{0,6}yeu cau", Topic.PURPOSE),
    (r"muc dich|quan diem", Topic.PURPOSE),
    (r"to chuc thuc hien|phan cong|trach nhiem|che do (thong tin )?bao cao", Topic.ORGANISATION),
    (r"nhiem vu|giai phap|noi dung|mo hinh|cong viec|tien do|lo trinh|hoat dong", Topic.TASK),
    (r"^yeu cau", Topic.REQUIREMENT),
    (r"pham vi|doi tuong|luc luong|dia ban|dieu kien|kinh phi|nguon (luc|von)|dia diem|thoi gian", Topic.CONDITION),
)  # fmt: skip
_LABEL = re.compile(r"(?P<label>[^:.;!?|]{2,70}?)\s*:\s*(?=\S|$)")


def topic_of(words: str) -> Topic | None:
    """Return what a heading or label speaks of, None where it does not tell."""
    folded = fold(words)
    return next((topic for pattern, topic in _TOPICS if re.search(pattern, folded)), None)


def structured(lines: Sequence[Line]) -> list[Node]:
    """Return each line in its place, with address, style and headings."""
    styles = _styles(lines)
    ranks = [_rank(line, style) for line, style in zip(lines, styles, strict=True)]
    above = _above(lines, ranks, styles)
    has_children = {over[-1] for over in above if over}
    nodes: list[Node] = []
    for index, line in enumerate(lines):
        is_heading = _is_heading(line, styles[index], ranks[index], has_children=index in has_children)
        label = _label(line)
        nodes.append(
            Node(
                index=index,
                address=f"p{index + 1:03}",
                line=line,
                style=_final_style(styles[index], ranks[index], is_heading=is_heading),
                above=above[index],
                is_heading=is_heading,
                topic=_topic(nodes, line, styles[index], above[index], label, is_heading=is_heading),
                label=label,
            )
        )
    return nodes


def _label(line: Line) -> str:
    if line.cells:
        return ""
    found = _LABEL.match(words_of(line.text))
    return found["label"].strip() if found else ""


def _styles(lines: Sequence[Line]) -> list[str]:  # noqa: C901  one branch for each part of the form
    """First what the form tells: head, title, recipients, signature, appendix; "" for the rest."""
    styles = [""] * len(lines)
    title = next((at for at, line in enumerate(lines[:40]) if _is_title(line)), None)
    body = _body_start(lines, title)
    for at in range(body):
        styles[at] = _head_style(lines[at], at, title)
    zone = ""
    for at in range(body, len(lines)):
        line = lines[at]
        if line.cells:
            zone = zone if zone.startswith("appendix") else ""
            continue
        if line.is_note:
            styles[at] = "note"
        elif _RECIPIENTS.match(line.text):
            zone, styles[at] = "end", "recipients"
        elif line.rank == APPENDIX and _begins_appendix(line):
            zone, styles[at] = "appendix", "appendix"
        elif zone == "end" and at > body and _begins_anew(line):
            zone = ""
        elif zone == "end":
            styles[at] = "signer" if not line.mark or _SIGNER.match(line.text) else "recipient"
        elif _SIGNER.match(line.text) and at > body + 2 and len(line.text) < 80 and not zone:
            styles[at] = "signer"
        elif zone == "appendix" and _ATTACHED.match(line.text):
            zone, styles[at] = "", "appendix_note"
        elif (
            zone == "appendix"
            and (line.is_centred or line.is_bold or line.text.upper() == line.text)
            and line.rank == TEXT
        ):
            styles[at] = "appendix_title"
        else:
            zone = "" if zone == "appendix" else zone
    return styles


def _is_title(line: Line) -> bool:
    plain = line.text.strip("* #")
    return bool(_TITLES.fullmatch(plain) or (_TITLE_START.match(plain) and plain.upper() == plain))


def _body_start(lines: Sequence[Line], title: int | None) -> int:
    """Return the line after the head: the first base, heading or long paragraph after the title."""
    start = 0 if title is None else title + 1
    for at in range(start, min(len(lines), start + 12)):
        line = lines[at]
        plain = line.text.strip("* ")
        if title is None and (_NATION.search(plain) or _NUMBER.match(plain) or _PLACE_DAY.match(plain)):
            continue
        if line.rank < TEXT or line.cells or line.is_note:
            return at
        if title is not None and at == title + 1 and plain[:9] != "Căn cứ":
            continue
        if _BASE.match(plain) or len(plain) > 300 or plain.endswith(":"):
            return at
        if title is None and plain.upper() != plain and not re.match(r"(?:UBND|ỦY BAN|SỞ|BỘ)\b", plain, re.IGNORECASE):
            return at
    return start


def _head_style(line: Line, at: int, title: int | None) -> str:
    plain = line.text.strip("* ")
    if title is not None and at == title:
        return "title"
    if title is not None and at > title:
        return "note" if line.is_note else "subject"
    if _NATION.search(plain) or _PLACE_DAY.match(plain):
        return "place_day"
    return "number"


def _begins_appendix(line: Line) -> bool:
    """«Phụ lục» alone or with its title, not «Phụ lục kèm theo nêu rõ ...»."""
    return len(line.text) < 160 and not line.text.rstrip().endswith((".", ";", ","))


def _begins_anew(line: Line) -> bool:
    return line.rank <= ROMAN or bool(_TITLES.fullmatch(line.text.strip("* ")))


def _rank(line: Line, style: str) -> float:
    if style in {"number", "place_day", "title", "subject", "recipients", "recipient", "signer"}:
        return 0.0
    if line.cells:
        return TEXT
    if style == "appendix":
        return APPENDIX
    if line.rank == TEXT and not style and _names_a_part(line):
        return UNMARKED_HEADING
    return line.rank


def _names_a_part(line: Line) -> bool:
    """A short line in bold or capitals, or one that ends in a colon."""
    plain = line.text.strip("* ")
    if len(plain) > 140 or line.is_note or not any(char.isalpha() for char in plain):
        return False
    if plain.endswith(":"):
        return len(plain) < 90
    is_shown = line.is_bold or plain.upper() == plain or (line.text.startswith("**") and line.text.endswith("**"))
    return is_shown and plain[-1] not in ".;,"


def _above(lines: Sequence[Line], ranks: Sequence[float], styles: Sequence[str]) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    stack: list[int] = []
    for at, rank in enumerate(ranks):
        if rank == 0.0:
            stack = []
            found.append(())
            continue
        if styles[at] in {"note", "appendix_title", "appendix_note"}:
            found.append(tuple(each for each in stack if ranks[each] <= ROMAN))
            continue
        if rank < TEXT:
            while stack and ranks[stack[-1]] >= rank:
                stack.pop()
            found.append(tuple(stack))
            stack.append(at)
        else:
            # A paragraph without mark belongs to the number over it; after a dash that ends in a colon it is its content.
            while stack and ranks[stack[-1]] >= STAR and not lines[stack[-1]].text.rstrip("* ").endswith(":"):
                stack.pop()
            found.append(tuple(stack))
    return found


def _is_heading(line: Line, style: str, rank: float, *, has_children: bool) -> bool:
    if line.cells or style:
        return style in {"appendix", "appendix_title"}
    plain = words_of(line.text)
    if rank == TEXT or not plain:
        return False
    if (
        plain.upper() == plain
        and any(char.isalpha() for char in plain)
        and len(plain) < 250
        and rank <= UNMARKED_HEADING
    ):
        return True
    if not has_children:
        return rank == UNMARKED_HEADING and plain.endswith(":")
    if plain.endswith(":") and rank <= PLUS:
        return len(plain) < 110
    return len(plain) < 250 and plain[-1] not in ".;,!?" and rank <= UNMARKED_HEADING


def _final_style(style: str, rank: float, *, is_heading: bool) -> str:
    if style:
        return style
    if rank in {STAR, DASH}:
        return "dash"
    if rank == PLUS:
        return "plus"
    if rank <= ROMAN and rank > 0:
        return "heading1"
    if not is_heading or rank in {LETTER, BRACKET}:
        return "para"
    return "heading2" if rank in {ARABIC, UNMARKED_HEADING} else "heading3"


def _topic(
    nodes: Sequence[Node], line: Line, style: str, above: tuple[int, ...], label: str, *, is_heading: bool
) -> Topic:
    if style in {"number", "place_day", "title", "subject"}:
        return Topic.HEAD
    if style in {"recipients", "recipient", "signer"}:
        return Topic.END
    own = topic_of(words_of(line.text)) if is_heading else (topic_of(label) if label and len(label) < 45 else None)
    if own:
        return own
    if above:
        return nodes[above[-1]].topic
    if line.rank == TEXT and _BASE.match(line.text.strip("* ")):
        return Topic.BASE
    return Topic.OTHER
