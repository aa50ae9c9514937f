"""
The preview: the same content tree as pages of paper.

A report has thousands of numbers, so the page is put together from escaped text by hand; `_safe` is the one place that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from html import escape

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from diem06.core.ui.charts import BarList, BarRow, Point, line_chart
from diem06.cube.keys import FigureKeyError, parse_key
from diem06.reports.word.tree import (
    Align,
    Block,
    Cell,
    Chart,
    Content,
    Heading,
    Mark,
    Paragraph,
    Row,
    Run,
    Table,
    UnitText,
)

FigureUrl = Callable[[str], str]
_LOOKS = {Align.RIGHT: ' class="num"', Align.CENTER: ' class="mid"', Align.LEFT: ""}
CHART_BEGINS, CHART_ENDS = "<!--chart-->", "<!--/chart-->"


def pages(content: Content, figure_url: FigureUrl) -> list[SafeString]:
    """Return the report's main part and each annex as the inside of one sheet of paper. A figure links to its own page."""
    draw = _Drawing(figure_url)
    return [_safe(page) for page in (draw.main(content), *draw.annexes(content))]


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308  every text in it went through `escape`


class _Drawing:
    """One report being drawn."""

    def __init__(self, figure_url: FigureUrl) -> None:
        self._url = figure_url

    def main(self, content: Content) -> str:
        pieces = [_notice(content), *_head(content)]
        if content.type_name:
            subject = "<br>".join(escape(line) for line in content.subject.split("\n"))
            pieces.append(f'<h2 class="ti">{escape(content.type_name)}</h2>')
            pieces.append(f'<p class="ty">{subject}</p><span class="rule"></span>')
        elif content.head is None:
            pieces.append(f"<h2>{escape(content.subject)}</h2>")
        else:
            pieces.append(f'<h2 class="vh">{escape(content.subject)}</h2>')
        pieces += [f'<p class="to">{escape(line)}</p>' for line in content.addressee_lines()]
        pieces += self._blocks(content.body, heading=3)
        pieces += _signature(content)
        return "".join(pieces)

    def annexes(self, content: Content) -> Iterator[str]:
        attached = f'<p class="at">({escape(content.attached_to)})</p>' if content.attached_to else ""
        for annex in content.annexes:
            number = f"Phụ lục {annex.number}" if len(content.annexes) > 1 else "Phụ lục"
            head = f'<h2 class="ti">{number}</h2><p class="ty">{escape(annex.title)}</p>{attached}'
            yield "".join((_notice(content), head, *self._blocks(annex.blocks, heading=3)))

    def _blocks(self, blocks: Iterable[Block], *, heading: int) -> Iterator[str]:
        for block in blocks:
            match block:
                case Heading():
                    level = heading + block.level - 1
                    yield f"<h{level}>{escape(block.text)}</h{level}>"
                case Paragraph(is_italic=True):
                    yield f"<p><i>{self._runs(block.runs)}</i></p>"
                case Paragraph():
                    yield f"<p>{self._runs(block.runs)}</p>"
                case UnitText():
                    yield f"<p>{self._runs((block.mark,))}</p>"
                case Table():
                    yield self._table(block)
                case Chart():
                    yield _chart(block)

    def _table(self, table: Table) -> str:
        head = "".join(f'<th scope="col">{escape(title)}</th>' for title in table.head)
        rows = "".join(map(partial(self._row, columns=len(table.head)), table.rows))
        caption = f'<caption class="vh">{escape(table.caption)}</caption>'
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def _row(self, row: Row, columns: int) -> str:
        if row.is_group:
            words = self._runs(row.cells[0].runs)
            return f'<tr class="grp"><th colspan="{columns}" scope="rowgroup">{words}</th></tr>'
        return f"<tr>{''.join(map(self._cell, row.cells))}</tr>"

    def _cell(self, cell: Cell) -> str:
        return f"<td{_LOOKS[cell.align]}>{self._runs(cell.runs)}</td>"

    def _runs(self, runs: Iterable[Run]) -> str:
        return "".join(self._mark(run) if isinstance(run, Mark) else _words(run.text) for run in runs)

    def _mark(self, mark: Mark) -> str:
        key, _, part = mark.tag.partition("#")
        try:
            parsed = parse_key(key)
        except FigureKeyError:
            return f'<span class="cc cc-text">{_words(mark.text)}</span>'
        look = "cc cc-text" if part == "txt" else "cc"
        where = "".join(f" · {each}" for each in (parsed.area, parsed.unit) if each)
        tag = f"{parsed.code}{where} · {parsed.window} · bản {parsed.revision} · {part}"
        url = escape(self._url(key))
        return f'<a class="{look}" href="{url}">{_words(mark.text)}<span class="tag">{escape(tag)}</span></a>'


def _head(content: Content) -> Iterator[str]:
    head = content.head
    if head is None:
        return
    superior = f'<p class="sm">{escape(head.superior)}</p>' if head.superior else ""
    issuer = "".join(f'<p class="sm"><b>{escape(line)}</b></p>' for line in head.issuer.split("\n"))
    about = f'<p class="sm">V/v {escape(head.about)}</p>' if head.about else ""
    yield (
        f'<div class="hd"><div>{superior}{issuer}<span class="rule"></span><p>{escape(head.number)}</p>{about}</div>'
        '<div><p class="sm"><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b></p>'
        '<p><b>Độc lập - Tự do - Hạnh phúc</b></p><span class="rule l"></span>'
        f"<p><i>{escape(head.place_and_day)}</i></p></div></div>"
    )


def _signature(content: Content) -> Iterator[str]:
    signature = content.signature
    if signature is None:
        return
    recipients = "".join(f'<p class="nn">{escape(line)}</p>' for line in signature.recipient_lines())
    signs = "".join(f"<b>{escape(line)}</b><br>" for line in signature.lines)
    yield (
        f'<div class="sign"><div><p class="nn"><b><i>Nơi nhận:</i></b></p>{recipients}</div>'
        f'<p class="gd">{signs}<br><br><b>{escape(signature.name)}</b></p></div>'
    )


def _notice(content: Content) -> str:
    return f'<p class="mock">{escape(content.notice)}</p>' if content.notice else ""


def _words(text: str) -> str:
    return "<br>".join(escape(line) for line in text.split("\n"))


def _chart(chart: Chart) -> str:
    """Draw the chart with the parts that every page has; its words are Vietnamese, as the paper's are."""
    with translation.override("vi"):
        drawn = _line_chart(chart) if chart.kind == "line" else _bars(chart)
    title = f'<p class="chart-title"><b>{escape(chart.title)}</b></p>'
    return f'{title}{CHART_BEGINS}<div class="paper-chart">{drawn}</div>{CHART_ENDS}'


def _bars(chart: Chart) -> str:
    results = next(series for series in chart.series if not series.is_target)
    targets = next((series.values for series in chart.series if series.is_target), (None,) * len(chart.categories))
    rows = tuple(
        BarRow(label=label, value=value, target=target)
        for label, value, target in zip(chart.categories, results.values, targets, strict=True)
    )
    bars = BarList(caption=chart.title, part_head=chart.part_head, rows=rows)
    return render_to_string("ui/bar_list.html", {"chart": bars})


def _line_chart(chart: Chart) -> str:
    """Each course has a drawing of its own: lines of several indicators over each other say nothing on a phone."""
    drawings = []
    for series in chart.series:
        points = [Point(label=label, value=value) for label, value in zip(chart.categories, series.values, strict=True)]
        drawing = line_chart(points, title=f"{chart.title}: {series.name}", caption=series.name)
        drawings.append(render_to_string("ui/chart_line.html", {"chart": drawing}))
    return "".join(drawings)
