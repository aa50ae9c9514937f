"""The preview: the same content tree as pages of paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from diem06.cube.keys import FigureKeyError, parse_key
from diem06.reports.word.tree import Align, Block, Cell, Content, Heading, Mark, Paragraph, Row, Run, Table, UnitText

FigureUrl = Callable[[str], str]


def pages(content: Content, figure_url: FigureUrl) -> list[SafeString]:
    """Return the report's main part and each annex as the inside of one sheet of paper. A figure links to its own page."""
    return [_main(content, figure_url), *_annexes(content, figure_url)]


def _main(content: Content, figure_url: FigureUrl) -> SafeString:
    pieces = [_notice(content)]
    if content.head:
        head = content.head
        superior = format_html('<p class="sm">{}</p>', head.superior) if head.superior else ""
        issuer = format_html_join("", '<p class="sm"><b>{}</b></p>', ((line,) for line in head.issuer.split("\n")))
        pieces.append(
            format_html(
                '<div class="hd"><div>{}{}<span class="rule"></span><p>{}</p></div>'
                '<div><p class="sm"><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b></p>'
                '<p><b>Độc lập - Tự do - Hạnh phúc</b></p><span class="rule l"></span><p><i>{}</i></p></div></div>',
                superior,
                issuer,
                head.number,
                head.place_and_day,
            )
        )
        pieces.append(format_html('<h2 class="ti">{}</h2>', content.type_name))
        lines = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in content.subject.split("\n")))
        pieces.append(format_html('<p class="ty">{}</p><span class="rule"></span>', lines))
    else:
        pieces.append(format_html("<h2>{}</h2>", content.subject))
    pieces += [format_html('<p class="to">{}</p>', line) for line in content.addressee_lines()]
    pieces += _blocks(content.body, figure_url, heading=3)
    if content.signature:
        signature = content.signature
        last = len(signature.recipients) - 1
        recipients = format_html_join(
            "",
            '<p class="nn">- {}{}</p>',
            ((name, "." if place == last else ";") for place, name in enumerate(signature.recipients)),
        )
        signs = format_html_join("", "<b>{}</b><br>", ((line,) for line in signature.lines))
        pieces.append(
            format_html(
                '<div class="sign"><div><p class="nn"><b><i>Nơi nhận:</i></b></p>{}</div>'
                '<p class="gd">{}<br><br><br><b>{}</b></p></div>',
                recipients,
                signs,
                signature.name,
            )
        )
    return _joined(pieces)


def _annexes(content: Content, figure_url: FigureUrl) -> Iterator[SafeString]:
    for annex in content.annexes:
        attached = format_html('<p class="at">({})</p>', content.attached_to) if content.attached_to else SafeString("")
        number = f"Phụ lục {annex.number}" if len(content.annexes) > 1 else "Phụ lục"
        head = format_html('<h2 class="ti">{}</h2><p class="ty">{}</p>{}', number, annex.title, attached)
        yield _joined([_notice(content), head, *_blocks(annex.blocks, figure_url, heading=3)])


def _notice(content: Content) -> SafeString:
    return format_html('<p class="mock">{}</p>', content.notice) if content.notice else SafeString("")


def _blocks(blocks: Iterable[Block], figure_url: FigureUrl, *, heading: int) -> Iterator[SafeString]:
    for block in blocks:
        match block:
            case Heading():
                level = heading + block.level - 1
                yield format_html("<h{}>{}</h{}>", level, block.text, level)
            case Paragraph(is_italic=True):
                yield format_html("<p><i>{}</i></p>", _runs(block.runs, figure_url))
            case Paragraph():
                yield format_html("<p>{}</p>", _runs(block.runs, figure_url))
            case UnitText():
                yield format_html("<p>{}</p>", _runs((block.mark,), figure_url))
            case Table():
                yield _table(block, figure_url)


def _table(table: Table, figure_url: FigureUrl) -> SafeString:
    head = format_html_join("", '<th scope="col">{}</th>', ((title,) for title in table.head))
    rows = _joined(_row(row, len(table.head), figure_url) for row in table.rows)
    return format_html(
        '<table><caption class="vh">{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
        table.caption,
        head,
        rows,
    )


def _row(row: Row, columns: int, figure_url: FigureUrl) -> SafeString:
    if row.is_group:
        return format_html(
            '<tr class="grp"><th colspan="{}" scope="rowgroup">{}</th></tr>',
            columns,
            _runs(row.cells[0].runs, figure_url),
        )
    return format_html("<tr>{}</tr>", _joined(_cell(cell, figure_url) for cell in row.cells))


def _cell(cell: Cell, figure_url: FigureUrl) -> SafeString:
    look = {Align.RIGHT: ' class="num"', Align.CENTER: ' class="mid"', Align.LEFT: ""}[cell.align]
    return format_html("<td{}>{}</td>", mark_safe(look), _runs(cell.runs, figure_url))  # noqa: S308  three words of ours


def _runs(runs: Iterable[Run], figure_url: FigureUrl) -> SafeString:
    return _joined(_mark(run, figure_url) if isinstance(run, Mark) else _words(run.text) for run in runs)


def _mark(mark: Mark, figure_url: FigureUrl) -> SafeString:
    key, _, part = mark.tag.partition("#")
    try:
        parsed = parse_key(key)
    except FigureKeyError:
        return format_html('<span class="cc cc-text">{}</span>', _words(mark.text))
    look = "cc cc-text" if part == "txt" else "cc"
    where = f" · {parsed.area}" if parsed.area else ""
    return format_html(
        '<a class="{}" href="{}">{}<span class="tag">{}</span></a>',
        look,
        figure_url(key),
        _words(mark.text),
        f"{parsed.code}{where} · {parsed.window} · bản {parsed.revision} · {part}",
    )


def _words(text: str) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in text.split("\n")))


def _joined(pieces: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))
