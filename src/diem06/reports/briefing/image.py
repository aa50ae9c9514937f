"""The briefing as a PNG for a chat group: it holds units, areas and figures, and no person."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from diem06.reports.briefing.content import Briefing, Count, GapRow, Words

WIDTH = 1240
EDGE = 56
LONGEST = 2400
PAPER, INK, SOFT, LINE = "#ffffff", "#1b1a18", "#5d5a53", "#d6d4cd"
TONES = {"met": "#1f7549", "on": "#14663c", "below": "#7f4a00", "risk": "#7f4a00", "miss": "#a3211b", "none": "#5d5a53"}
_STYLE = "vendor/inter/inter.css"
_FACE = re.compile(r"src: url\(([^)]+)\).*?unicode-range: ([^;]+);", re.DOTALL)


class FontMissingError(RuntimeError):
    """The web fonts have not been fetched: run `make setup`."""


@lru_cache(maxsize=1)
def _faces() -> tuple[tuple[Path, tuple[tuple[int, int], ...]], ...]:
    """Return the font files with the letters that each has: Inter comes in one file for each group of letters."""
    style = finders.find(_STYLE)
    if not style:
        raise FontMissingError("The fonts of the pages are not there. Run `make setup`.")
    folder = Path(str(style)).parent
    found = []
    for name, letters in _FACE.findall(Path(str(style)).read_text(encoding="utf-8")):
        spans = []
        for span in letters.split(","):
            first, _dash, last = span.strip().removeprefix("U+").partition("-")
            spans.append((int(first, 16), int(last or first, 16)))
        found.append((folder / name, tuple(spans)))
    return tuple(found)


class _Pen:
    """Words of one size and weight. A text is drawn in stretches, each with the file that has its letters."""

    def __init__(self, size: int, weight: int = 400) -> None:
        self.line = round(size * 1.45)
        self._fonts = []
        for path, spans in _faces():
            font = ImageFont.truetype(str(path), size)
            font.set_variation_by_axes([weight])
            self._fonts.append((font, spans))

    def _stretches(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        font, begun = None, ""
        for letter in text:
            mine = self._font_of(letter)
            # A blank goes on in the font that stands, so that words are not cut at it.
            if font is not None and (mine is font or letter == " "):
                begun += letter
                continue
            if begun and font is not None:
                yield font, begun
            font, begun = mine, letter
        if begun and font is not None:
            yield font, begun

    def _font_of(self, letter: str) -> ImageFont.FreeTypeFont:
        code = ord(letter)
        for font, spans in self._fonts:
            if any(first <= code <= last for first, last in spans):
                return font
        return self._fonts[-1][0]

    def has(self, letter: str) -> bool:
        """Is there a shape for the letter?"""
        return any(first <= ord(letter) <= last for _font, spans in self._fonts for first, last in spans)

    def width(self, text: str) -> float:
        return sum(font.getlength(part) for font, part in self._stretches(text))

    def draw(self, drawing: ImageDraw.ImageDraw, x: float, baseline: float, text: str, fill: str = INK) -> float:
        """Draw from `x` on and return where it ends."""
        for font, part in self._stretches(text):
            drawing.text((x, baseline), part, font=font, fill=fill, anchor="ls")
            x += font.getlength(part)
        return x

    def lines(self, text: str, width: float) -> list[str]:
        """Break a text into lines that fit."""
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines or [""]


def png(content: Briefing) -> bytes:
    """Return the image. Raises FontMissingError."""
    canvas = Image.new("RGB", (WIDTH, LONGEST), PAPER)
    page = _Page(ImageDraw.Draw(canvas))
    page.write(content)
    canvas = canvas.crop((0, 0, WIDTH, min(int(page.y) + EDGE, LONGEST)))
    buffer = io.BytesIO()
    canvas.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


class _Page:
    def __init__(self, drawing: ImageDraw.ImageDraw) -> None:
        self.drawing = drawing
        self.y: float = EDGE
        self.title, self.head = _Pen(38, 660), _Pen(25, 640)
        self.text, self.small, self.strong = _Pen(22), _Pen(18), _Pen(22, 640)
        self.count = _Pen(46, 660)

    def write(self, content: Briefing) -> None:
        self._paragraph(
            self.title, _("Giao ban tháng %(period)s: %(whose)s") % {"period": content.period, "whose": content.whose}
        )
        self._paragraph(
            self.small,
            _("Kỳ %(days)s. Số liệu lúc %(at)s.") % {"days": content.days, "at": content.known_at},
            fill=SOFT,
        )
        if content.is_made_up:
            self._paragraph(self.small, _("Số liệu giả định, không phải báo cáo thật"), fill=TONES["miss"])
        self._heading(_("Báo cáo tháng của %(count)s đơn vị") % {"count": content.units})
        self._counts(content.reports)
        self._paragraph(self.text, _("Chưa gửi: %(names)s") % {"names": content.missing_words})
        self._paragraph(self.text, _("Gửi muộn: %(names)s") % {"names": content.late_words})
        self._heading(_("%(count)s chỉ tiêu có mục tiêu") % {"count": content.targets})
        self._counts(content.standings)
        self._heading(_("Còn thiếu nhiều nhất"))
        for row in content.gaps:
            self._gap(row)
        if not content.gaps:
            self._paragraph(self.text, _("Không có chỉ tiêu nào dưới mục tiêu."))
        self._heading(_("Việc đề nghị quyết định"))
        for place, words in enumerate(content.decisions, start=1):
            self._paragraph(self.text, f"{place}. {plain(words)}")

    def _heading(self, words: str) -> None:
        self.y += 22
        self.drawing.line((EDGE, self.y, WIDTH - EDGE, self.y), fill=LINE, width=2)
        self.y += 8
        self._paragraph(self.head, words)

    def _paragraph(self, pen: _Pen, words: str, *, fill: str = INK, left: float = EDGE) -> None:
        for line in pen.lines(words, WIDTH - EDGE - left):
            self.y += pen.line
            pen.draw(self.drawing, left, self.y - pen.line * 0.28, line, fill)

    def _counts(self, counts: tuple[Count, ...]) -> None:
        """Draw each count with its word; where they do not fit beside each other the next begins a line."""
        x: float = EDGE
        top = self.y
        height = self.count.line + self.small.line + 6
        for each in counts:
            width = max(self.count.width(str(each.count)), self.small.width(each.words)) + 44
            if x + width > WIDTH - EDGE and x > EDGE:
                x, top = EDGE, top + height
            self.count.draw(self.drawing, x, top + self.count.line * 0.8, str(each.count))
            self.small.draw(
                self.drawing, x, top + self.count.line * 0.8 + self.small.line, each.words, TONES.get(each.tone, INK)
            )
            x += width
        self.y = top + height

    def _gap(self, row: GapRow) -> None:
        values = _("%(value)s / mục tiêu %(target)s") % {"value": row.value.text, "target": row.target.text}
        room = WIDTH - 2 * EDGE - self.strong.width(values) - 40
        lines = self.text.lines(f"{row.code} · {row.name}", room)
        self.y += 6
        first = self.y + self.text.line * 0.72
        self.strong.draw(self.drawing, WIDTH - EDGE - self.strong.width(values), first, values)
        for line in lines:
            self.y += self.text.line
            self.text.draw(self.drawing, EDGE, self.y - self.text.line * 0.28, line)
        said = _("%(standing)s, còn thiếu %(gap)s %(counted)s · %(owner)s") % {
            "standing": row.standing,
            "gap": row.gap.text,
            "counted": row.counted,
            "owner": row.owner,
        }
        lacking = plain(row.lacking)
        if lacking:
            said += " · " + _("nhiều nhất: %(parts)s") % {"parts": lacking}
        self._paragraph(self.small, said, fill=SOFT)


def plain(words: Words) -> str:
    """Return a sentence without its keys."""
    return "".join(each if isinstance(each, str) else each.text for each in words)
