"""From an OfficialDocument to the bytes of a .docx file (WordprocessingML, transitional)."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from itertools import count
from typing import TypeAlias

from lxml import etree

from vnlib.documents import form
from vnlib.documents.charts import chart_part, chart_workbook
from vnlib.documents.content import (
    Bold,
    Cell,
    Chart,
    GroupRow,
    Head,
    Italic,
    Run,
    Table,
    Tagged,
    TaggedBlock,
    clean,
    runs_of,
)
from vnlib.documents.names import (
    CHART,
    CONTENT_TYPES,
    CONTROL_PROPERTY,
    CORE,
    CUSTOM,
    DC,
    DCTERMS,
    DRAWING,
    FIRST_CONTINUATION,
    PACKAGE_RELS,
    VT,
    WORD_DRAWING,
    XSI,
    R,
    W,
    handle,
)
from vnlib.documents.official import Annex, Block, OfficialDocument, Paragraph, SignatureBlock

Element: TypeAlias = etree._Element  # noqa: SLF001  lxml has no public name for it

_STYLE_OF = {"body": "NoiDung", "section": "Heading1", "subsection": "Heading2", "closing": "NoiDung"}
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII",
          "XVIII", "XIX", "XX")  # fmt: skip
_STYLES = {style.id: style for style in form.STYLES}


def docx_bytes(document: OfficialDocument) -> bytes:
    """Return the file; the same document gives the same bytes."""
    charts = _charts(document)
    parts = {
        "[Content_Types].xml": _content_types(len(charts)),
        "_rels/.rels": _package_rels(),
        "word/document.xml": _document(document),
        "word/styles.xml": _styles(),
        "word/settings.xml": _settings(),
        "word/header1.xml": _header(document.marker, number=True),
        "word/header2.xml": _header("", number=False),
        "word/header3.xml": _header(document.marker, number=False),
        "word/_rels/document.xml.rels": _document_rels(len(charts)),
        "docProps/core.xml": _core_properties(document),
        "docProps/custom.xml": _custom_properties(document),
    }
    files = {
        name: etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        for name, root in (parts | _chart_parts(charts)).items()
    }
    files |= {f"word/embeddings/chart{number}.xlsx": chart_workbook(chart) for number, chart in enumerate(charts, 1)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


# The main part


def _document(document: OfficialDocument) -> Element:
    spaces = {"w": W, "r": R, "wp": WORD_DRAWING, "a": DRAWING, "c": CHART}
    root = etree.Element(f"{{{W}}}document", nsmap=spaces)
    body = etree.SubElement(root, f"{{{W}}}body")
    body.extend(_first_page_top(document))
    numbers = count(1)
    body.extend(_blocks(document.blocks, form.PORTRAIT_TEXT_MM, numbers))
    sections = [_section(landscape=False, is_annex=False)]
    for number, annex in enumerate(document.annexes):
        body.append(_paragraph("Vach", properties=[sections[-1]]))
        sections.append(_section(landscape=annex.landscape, is_annex=True))
        body.extend(_annex(document, annex, number, numbers))
    body.append(_paragraph("Vach"))  # Word wants a paragraph after a last table
    body.append(sections[-1])
    return root


def _first_page_top(document: OfficialDocument) -> Iterable[Element]:
    if document.marker:
        yield _paragraph("SoLieuGiaDinh", document.marker, properties=[_spacing(after_pt=8)])
    if document.head:
        yield _head(document.head)
    if document.kind:
        yield _paragraph("TenLoai", document.kind.upper())
    if document.subject:
        yield from _subject(document.subject)
    if len(document.addressees) == 1:
        yield _paragraph("KinhGui", f"Kính gửi: {_bare(document.addressees[0])}.")
    elif document.addressees:
        yield _paragraph("KinhGuiDanhSach", "Kính gửi:")
        yield from (_paragraph("KinhGuiDanhSach", line) for line in _dashed(document.addressees))


def _head(head: Head) -> Element:
    """Two columns without borders: agency, number | quốc hiệu, tiêu ngữ, date."""
    left: list[Element] = []
    if head.superior:
        left.append(_paragraph("CoQuanChuQuan", _broken("CoQuanChuQuan", head.superior.upper(), form.HEAD_LEFT_MM)))
    issuer = _broken("CoQuanBanHanh", head.issuer.upper(), form.HEAD_LEFT_MM)
    left += [_paragraph("CoQuanBanHanh", issuer), _partial_rule("CoQuanBanHanh", issuer, form.HEAD_LEFT_MM)]
    motto = _STYLES["TieuNgu"]
    motto_mm = form.text_width_mm(form.TIEU_NGU, motto.size_pt, bold=motto.bold)
    right = [
        _paragraph("QuocHieu", form.QUOC_HIEU),
        _paragraph("TieuNgu", form.TIEU_NGU),
        _rule(motto_mm, form.HEAD_RIGHT_MM),
    ]
    number = [_paragraph("SoKyHieu", f"Số: {head.number_and_symbol}")]
    if head.about:
        number.append(_paragraph("TrichYeuCongVan", _broken("TrichYeuCongVan", f"V/v {head.about}", form.HEAD_LEFT_MM)))
    date = [_paragraph("DiaDanhThoiGian", f"{head.place}, {head.date_line}")]
    return _borderless((form.HEAD_LEFT_MM, form.HEAD_RIGHT_MM), [(left, right), (number, date)])


def _subject(subject: str) -> Iterable[Element]:
    lines = _broken("TrichYeu", subject, form.PORTRAIT_TEXT_MM)
    yield _paragraph("TrichYeu", lines)
    yield _partial_rule("TrichYeu", lines, form.PORTRAIT_TEXT_MM)
    yield _paragraph("Vach", properties=[_spacing(after_pt=12)])


def _broken(style_id: str, text: str, width_mm: float) -> str:
    """Return centred text broken into lines of about one length: also lets the rule below be measured."""
    style = _STYLES[style_id]
    return "\n".join(form.balanced_lines(clean(text), style.size_pt, width_mm, bold=style.bold))


def _blocks(blocks: Iterable[Block], width_mm: float, charts: Iterator[int]) -> Iterable[Element]:
    """`charts` gives each chart its number in the document."""
    for block in blocks:
        match block:
            case Paragraph(kind, runs):
                # «Việc đã làm trong kỳ:» at the foot of a page would introduce nothing.
                leads_on = any(isinstance(run, str) and run.rstrip().endswith(":") for run in runs[-1:])
                properties = [_w("keepNext")] if leads_on or kind == "closing" else []
                yield from _paragraphs(_STYLE_OF[kind], runs, properties=properties)
            case Table():
                yield from _table(block, width_mm)
            case Chart():
                yield _paragraph("TenBang", block.title)
                yield _chart(block, width_mm, next(charts))
            case SignatureBlock():
                yield _signature(block)


def _signature(block: SignatureBlock) -> Element:
    left = [_paragraph("NoiNhan", "Nơi nhận:")]
    left += [_paragraph("NoiNhanDanhSach", line) for line in _dashed(block.recipients)]
    right = [_paragraph("QuyenHan", line.upper()) for line in block.signer.lines]
    right.append(_paragraph("HoTen", block.signer.name))
    return _borderless((form.SIGNATURE_LEFT_MM, form.SIGNATURE_RIGHT_MM), [(left, right)])


def _annex(document: OfficialDocument, annex: Annex, number: int, charts: Iterator[int]) -> Iterable[Element]:
    width_mm = form.LANDSCAPE_TEXT_MM if annex.landscape else form.PORTRAIT_TEXT_MM
    # The decree: a numeral only where there are two annexes or more.
    yield _paragraph("PhuLuc", f"Phụ lục {_ROMAN[number]}" if len(document.annexes) > 1 else "Phụ lục")
    yield _paragraph("TenPhuLuc", _broken("TenPhuLuc", annex.title.upper(), width_mm))
    if document.attached_to:
        yield _paragraph("KemTheo", _broken("KemTheo", f"({document.attached_to})", width_mm))
    yield _paragraph("Vach", properties=[_spacing(after_pt=8)])
    yield from _blocks(annex.blocks, width_mm, charts)


def _section(*, landscape: bool, is_annex: bool) -> Element:
    width, height = form.PAGE_WIDTH_MM, form.PAGE_HEIGHT_MM
    size = _w("pgSz", w=_page(height), h=_page(width), orient="landscape") if landscape else None
    first = "rId5" if is_annex else "rId4"
    section = _w("sectPr")
    for kind, relation in (("default", "rId3"), ("first", first)):
        reference = _w("headerReference", type=kind)
        reference.set(f"{{{R}}}id", relation)
        section.append(reference)
    section.append(_w("type", val="nextPage"))
    section.append(_w("pgSz", w=_page(width), h=_page(height)) if size is None else size)
    section.append(
        _w(
            "pgMar",
            top=form.twips(form.MARGIN_TOP_MM),
            right=form.twips(form.MARGIN_RIGHT_MM),
            bottom=form.twips(form.MARGIN_BOTTOM_MM),
            left=form.twips(form.MARGIN_LEFT_MM),
            header=form.twips(form.HEADER_MM),
            footer=form.twips(form.HEADER_MM),
            gutter=0,
        )
    )
    section.append(_w("pgNumType", fmt="decimal", start=1))
    section.append(_w("titlePg"))
    return section


def _page(millimetres: float) -> int:
    return round(millimetres * 1440 / 25.4)


# Charts

_FIRST_CHART = 6
"""The relation of the first chart: five others stand before it."""
_EMU_PER_MM = 36_000


def _charts(document: OfficialDocument) -> list[Chart]:
    blocks = [*document.blocks, *(block for annex in document.annexes for block in annex.blocks)]
    return [block for block in blocks if isinstance(block, Chart)]


def _chart_parts(charts: Sequence[Chart]) -> dict[str, Element]:
    parts = {}
    for number, chart in enumerate(charts, start=1):
        parts[f"word/charts/chart{number}.xml"] = chart_part(chart)
        parts[f"word/charts/_rels/chart{number}.xml.rels"] = _rels(
            (f"{R}/package", f"../embeddings/chart{number}.xlsx")
        )
    return parts


def _chart(chart: Chart, width_mm: float, number: int) -> Element:
    """A chart in the line of the text; `docPr` holds what is said to who cannot see it."""
    inline = etree.Element(f"{{{WORD_DRAWING}}}inline", distT="0", distB="0", distL="0", distR="0")
    size = {"cx": str(round(width_mm * _EMU_PER_MM)), "cy": str(round(chart.height_mm * _EMU_PER_MM))}
    etree.SubElement(inline, f"{{{WORD_DRAWING}}}extent", size)
    names = {"id": str(number), "name": f"Biểu đồ {number}", "descr": clean(chart.alt), "title": clean(chart.title)}
    etree.SubElement(inline, f"{{{WORD_DRAWING}}}docPr", names)
    etree.SubElement(inline, f"{{{WORD_DRAWING}}}cNvGraphicFramePr")
    data = etree.SubElement(etree.SubElement(inline, f"{{{DRAWING}}}graphic"), f"{{{DRAWING}}}graphicData", uri=CHART)
    etree.SubElement(data, f"{{{CHART}}}chart").set(f"{{{R}}}id", f"rId{_FIRST_CHART - 1 + number}")
    paragraph = _paragraph("BieuDo")
    paragraph.append(_w("r", _w("drawing", inline)))
    return paragraph


# Tables


def _table(table: Table, width_mm: float) -> Iterable[Element]:
    if table.title:
        yield _paragraph("TenBang", table.title)
    share = width_mm / sum(column.width_mm for column in table.columns)
    widths = [round(column.width_mm * share * 1440 / 25.4) for column in table.columns]
    element = _w("tbl", _table_properties(sum(widths), bordered=True), _grid(widths))
    titles = [_table_paragraphs(Bold(column.title), "center", table.size_pt) for column in table.columns]
    element.append(_row(_cells(titles, widths), is_header=True))
    for row in table.rows:
        element.append(_table_row(row, table, widths))
    yield element
    if table.note:
        yield _paragraph("GhiChuBang", table.note)
    yield _paragraph("Vach", properties=[_spacing(after_pt=6)])


def _table_row(row: Sequence[Cell] | GroupRow, table: Table, widths: list[int]) -> Element:
    if isinstance(row, GroupRow):
        runs = [Bold(run) if isinstance(run, str) else run for run in runs_of(row.content)]
        paragraphs = _table_paragraphs(runs, "left", table.size_pt)
        for paragraph in paragraphs:
            paragraph.find(f"{{{W}}}pPr").insert(1, _w("keepNext"))
        return _row([_cell(paragraphs, sum(widths), span=len(widths))])
    cells = [
        _table_paragraphs(cell, column.align, table.size_pt) for cell, column in zip(row, table.columns, strict=True)
    ]
    return _row(_cells(cells, widths))


def _table_paragraphs(content: Cell, align: form.Align, size_pt: float) -> list[Element]:
    properties = [] if align == _STYLES["Bang"].align else [_w("jc", val=align)]
    size = None if size_pt == _STYLES["Bang"].size_pt else size_pt
    return _paragraphs("Bang", runs_of(content), properties=properties, size_pt=size)


def _borderless(widths_mm: tuple[float, float], rows: list[tuple[list[Element], list[Element]]]) -> Element:
    widths = [form.twips(width) for width in widths_mm]
    element = _w("tbl", _table_properties(sum(widths), bordered=False), _grid(widths))
    for row in rows:
        cells = [_cell(content, width, align="top") for content, width in zip(row, widths, strict=True)]
        element.append(_row(cells))
    return element


def _table_properties(width: int, *, bordered: bool) -> Element:
    properties = _w("tblPr", _w("tblW", w=width, type="dxa"))
    if bordered:
        sides = ("top", "left", "bottom", "right", "insideH", "insideV")
        borders = (_w(side, val="single", sz=4, space=0, color="000000") for side in sides)
        properties.append(_w("tblBorders", *borders))
    properties.append(_w("tblLayout", type="fixed"))
    margin = form.twips(1.5) if bordered else 0
    properties.append(_w("tblCellMar", _w("left", w=margin, type="dxa"), _w("right", w=margin, type="dxa")))
    return properties


def _grid(widths: Iterable[int]) -> Element:
    return _w("tblGrid", *(_w("gridCol", w=width) for width in widths))


def _row(cells: Iterable[Element], *, is_header: bool = False) -> Element:
    properties = _w("trPr", _w("cantSplit"))
    if is_header:
        properties.append(_w("tblHeader"))
    return _w("tr", properties, *cells)


def _cells(contents: Sequence[list[Element]], widths: Sequence[int]) -> list[Element]:
    return [_cell(content, width) for content, width in zip(contents, widths, strict=True)]


def _cell(content: Sequence[Element], width: int, *, span: int = 1, align: str = "center") -> Element:
    properties = _w("tcPr", _w("tcW", w=width, type="dxa"))
    if span > 1:
        properties.append(_w("gridSpan", val=span))
    properties.append(_w("vAlign", val=align))
    return _w("tc", properties, *content)


# Paragraphs and runs


def _paragraphs(
    style: str, runs: Sequence[Run], *, properties: Sequence[Element] = (), size_pt: float | None = None
) -> list[Element]:
    """Return one paragraph, or more where a narrative of several lines is among the runs."""
    paragraphs = [_paragraph(style, properties=deepcopy(properties))]
    for run in runs:
        if not isinstance(run, Tagged):
            paragraphs[-1].append(_run(run, size_pt))
            continue
        for number, line in enumerate(run.lines):
            if number:
                paragraphs.append(_paragraph(style, properties=deepcopy(properties)))
            paragraphs[-1].append(_control(run, line, number, size_pt))
    return paragraphs


def _paragraph(style: str, text: str = "", *, properties: Sequence[Element] = ()) -> Element:
    """`properties` come in the order of the schema: keepNext, pBdr, spacing, ind, jc, sectPr."""
    paragraph = _w("p", _w("pPr", _w("pStyle", val=style), *properties))
    if text:
        paragraph.append(_run(text, None))
    return paragraph


def _run(run: str | Bold | Italic, size_pt: float | None) -> Element:
    text = run if isinstance(run, str) else run.text
    properties = _run_properties(bold=isinstance(run, Bold), italic=isinstance(run, Italic), size_pt=size_pt)
    return _text_run(clean(text), properties)


def _control(run: Tagged, line: str, number: int, size_pt: float | None) -> Element:
    """A plain-text control around one run, as Word itself writes it; `number` counts the lines of a narrative."""
    part = number + 1 if isinstance(run, TaggedBlock) else None
    formatting = _run_properties(bold=run.bold, italic=False, size_pt=size_pt)
    properties = _w("sdtPr")
    if formatting is not None:
        properties.append(deepcopy(formatting))
    properties.append(_w("alias", val=handle(clean(run.label or run.tag), run.short_id, part)))
    properties.append(_w("tag", val=run.tag))
    properties.append(_w("id", val=_word_id(run.short_id, number)))
    properties.append(_w("text"))
    return _w("sdt", properties, _w("sdtContent", _text_run(line, formatting)))


def _word_id(short_id: int, number: int) -> int:
    """
    Return the w:id of line `number` of a control: its short id, then ids that no other control has.

    One narrative may have 999 lines and ids up to 600.000; beyond that Word itself gives a new id,
    which only costs the second way back to the tag.
    """
    return short_id if not number else FIRST_CONTINUATION + short_id % 600_000 * 1000 + number


def _run_properties(*, bold: bool, italic: bool, size_pt: float | None) -> Element | None:
    properties = _w("rPr")
    if bold:
        properties.extend([_w("b"), _w("bCs")])
    if italic:
        properties.extend([_w("i"), _w("iCs")])
    if size_pt is not None:
        properties.extend([_w("sz", val=round(size_pt * 2)), _w("szCs", val=round(size_pt * 2))])
    return properties if len(properties) else None


def _text_run(text: str, properties: Element | None) -> Element:
    run = _w("r")
    if properties is not None:
        run.append(properties)
    for number, line in enumerate(text.split("\n")):
        if number:
            run.append(_w("br"))
        for piece_number, piece in enumerate(line.split("\t")):
            if piece_number:
                run.append(_w("tab"))
            element = _w("t")
            element.text = piece
            element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            run.append(element)
    return run


def _partial_rule(style_id: str, text: str, width_mm: float) -> Element:
    style = _STYLES[style_id]
    longest_mm = form.longest_line_mm(text.split("\n"), style.size_pt, bold=style.bold)
    return _rule(longest_mm * form.PARTIAL_RULE, width_mm)


def _rule(length_mm: float, width_mm: float) -> Element:
    """A centred line: the top border of a paragraph that is indented on both sides."""
    indent = round((width_mm - length_mm) / 2 * 1440 / 25.4)
    border = _w("pBdr", _w("top", val="single", sz=6, space=1, color="000000"))
    spacing = _w("spacing", before=60, after=0)
    return _paragraph("Vach", properties=[border, spacing, _w("ind", left=indent, right=indent)])


def _spacing(*, after_pt: float) -> Element:
    return _w("spacing", before=0, after=round(after_pt * 20))


def _dashed(items: Sequence[str]) -> list[str]:
    """«- …;» each, the last one «- ….», as the decree lists addressees and recipients."""
    last = len(items) - 1
    return [f"- {_bare(item)}{'.' if number == last else ';'}" for number, item in enumerate(items)]


def _bare(item: str) -> str:
    return item.strip().removeprefix("-").strip().rstrip(";.").strip()


# The other parts


def _styles() -> Element:
    root = etree.Element(f"{{{W}}}styles", nsmap={"w": W})
    fonts = _w("rFonts", ascii=form.FONT, hAnsi=form.FONT, eastAsia=form.FONT, cs=form.FONT)
    language = _w("lang", val="vi-VN", eastAsia="vi-VN", bidi="ar-SA")
    defaults = _w("rPr", fonts, _w("sz", val=28), _w("szCs", val=28), language)
    root.append(_w("docDefaults", _w("rPrDefault", defaults), _w("pPrDefault")))
    normal = _w("style", _w("name", val="Normal"), _w("qFormat"), type="paragraph", default="1", styleId="Normal")
    root.append(normal)
    table = _w("style", _w("name", val="Normal Table"), type="table", default="1", styleId="TableNormal")
    root.append(table)
    root.extend(map(_style, form.STYLES))
    return root


def _style(style: form.Style) -> Element:
    paragraph = _w("pPr")
    if style.keep_next:
        paragraph.append(_w("keepNext"))
    spacing = {"before": round(style.before_pt * 20), "after": round(style.after_pt * 20)}
    if style.id == "Vach":
        paragraph.append(_w("spacing", **spacing, line=20, lineRule="exact"))
    else:
        paragraph.append(_w("spacing", **spacing, line=round(style.line * 240), lineRule="auto"))
    if style.first_line_mm or style.left_mm:
        indent = _w("ind", left=form.twips(style.left_mm), firstLine=form.twips(style.first_line_mm))
        paragraph.append(indent)
    paragraph.append(_w("jc", val=style.align))
    if style.outline is not None:
        paragraph.append(_w("outlineLvl", val=style.outline))

    run = _w("rPr")
    if style.bold:
        run.extend([_w("b"), _w("bCs")])
    if style.italic:
        run.extend([_w("i"), _w("iCs")])
    run.append(_w("color", val="595959" if style.grey else "000000"))
    run.extend([_w("sz", val=round(style.size_pt * 2)), _w("szCs", val=round(style.size_pt * 2))])
    name, based_on = _w("name", val=style.name), _w("basedOn", val="Normal")
    return _w("style", name, based_on, _w("qFormat"), paragraph, run, type="paragraph", styleId=style.id)


def _settings() -> Element:
    root = etree.Element(f"{{{W}}}settings", nsmap={"w": W})
    root.append(_w("defaultTabStop", val=form.twips(form.FIRST_LINE_MM)))
    root.append(_w("characterSpacingControl", val="doNotCompress"))
    mode = _w("compatSetting", name="compatibilityMode", uri="http://schemas.microsoft.com/office/word", val="15")
    # Without it Word spreads a justified line that ends in a line break over the whole width.
    root.append(_w("compat", _w("doNotExpandShiftReturn"), mode))
    root.append(_w("themeFontLang", val="vi-VN"))
    root.append(_w("decimalSymbol", val=","))
    root.append(_w("listSeparator", val=";"))
    return root


def _header(marker: str, *, number: bool) -> Element:
    root = etree.Element(f"{{{W}}}hdr", nsmap={"w": W})
    if number:
        page = _paragraph("SoTrang")
        page.extend(_page_field())
        root.append(page)
    if marker:
        root.append(_paragraph("SoLieuGiaDinh", marker))
    if not len(root):
        root.append(_paragraph("SoTrang"))
    return root


def _page_field() -> Iterable[Element]:
    instruction = _w("instrText")
    instruction.text = " PAGE "
    shown = _w("t")
    shown.text = "2"
    yield _w("r", _w("fldChar", fldCharType="begin"))
    yield _w("r", instruction)
    yield _w("r", _w("fldChar", fldCharType="separate"))
    yield _w("r", shown)
    yield _w("r", _w("fldChar", fldCharType="end"))


def _content_types(charts: int) -> Element:
    root = etree.Element(f"{{{CONTENT_TYPES}}}Types", nsmap={None: CONTENT_TYPES})
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    package = "application/vnd.openxmlformats-package"
    office = "application/vnd.openxmlformats-officedocument"
    for extension, kind in (
        ("rels", f"{package}.relationships+xml"),
        ("xml", "application/xml"),
        ("xlsx", f"{office}.spreadsheetml.sheet"),
    ):
        etree.SubElement(root, f"{{{CONTENT_TYPES}}}Default", Extension=extension, ContentType=kind)
    for name, kind in (
        ("word/document.xml", f"{word}.document.main+xml"),
        ("word/styles.xml", f"{word}.styles+xml"),
        ("word/settings.xml", f"{word}.settings+xml"),
        ("word/header1.xml", f"{word}.header+xml"),
        ("word/header2.xml", f"{word}.header+xml"),
        ("word/header3.xml", f"{word}.header+xml"),
        ("docProps/core.xml", f"{package}.core-properties+xml"),
        ("docProps/custom.xml", f"{office}.custom-properties+xml"),
    ):
        etree.SubElement(root, f"{{{CONTENT_TYPES}}}Override", PartName=f"/{name}", ContentType=kind)
    for number in range(1, charts + 1):
        name, kind = f"/word/charts/chart{number}.xml", f"{office}.drawingml.chart+xml"
        etree.SubElement(root, f"{{{CONTENT_TYPES}}}Override", PartName=name, ContentType=kind)
    return root


def _package_rels() -> Element:
    return _rels(
        (f"{R}/officeDocument", "word/document.xml"),
        ("http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml"),
        (f"{R}/custom-properties", "docProps/custom.xml"),
    )


def _document_rels(charts: int) -> Element:
    return _rels(
        (f"{R}/styles", "styles.xml"),
        (f"{R}/settings", "settings.xml"),
        (f"{R}/header", "header1.xml"),
        (f"{R}/header", "header2.xml"),
        (f"{R}/header", "header3.xml"),
        *((f"{R}/chart", f"charts/chart{number}.xml") for number in range(1, charts + 1)),
    )


def _rels(*targets: tuple[str, str]) -> Element:
    root = etree.Element(f"{{{PACKAGE_RELS}}}Relationships", nsmap={None: PACKAGE_RELS})
    for number, (kind, target) in enumerate(targets, start=1):
        etree.SubElement(root, f"{{{PACKAGE_RELS}}}Relationship", Id=f"rId{number}", Type=kind, Target=target)
    return root


def _core_properties(document: OfficialDocument) -> Element:
    spaces = {"cp": CORE, "dc": DC, "dcterms": DCTERMS, "xsi": XSI}
    root = etree.Element(f"{{{CORE}}}coreProperties", nsmap=spaces)
    title = etree.SubElement(root, f"{{{DC}}}title")
    title.text = clean(f"{document.kind} {document.subject}".replace("\n", " ").strip())
    creator = etree.SubElement(root, f"{{{DC}}}creator")
    creator.text = clean(document.head.issuer.replace("\n", " ")) if document.head else ""
    if document.made_at:
        for name in ("created", "modified"):
            moment = etree.SubElement(root, f"{{{DCTERMS}}}{name}")
            moment.set(f"{{{XSI}}}type", "dcterms:W3CDTF")
            moment.text = document.made_at.isoformat(timespec="seconds")
    return root


def _custom_properties(document: OfficialDocument) -> Element:
    root = etree.Element(f"{{{CUSTOM}}}Properties", nsmap={None: CUSTOM, "vt": VT})
    listed = {f"{CONTROL_PROPERTY}{short_id}": tag for short_id, tag in sorted(document.tags.items())}
    for number, (name, value) in enumerate((document.properties | listed).items(), start=2):
        kind = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
        entry = etree.SubElement(root, f"{{{CUSTOM}}}property", fmtid=kind, pid=str(number), name=clean(name))
        etree.SubElement(entry, f"{{{VT}}}lpwstr").text = clean(value)
    return root


def _w(tag: str, *children: Element, **attributes: str | int) -> Element:
    """Return <w:tag w:…="…">; attribute values are written as they are."""
    element = etree.Element(f"{{{W}}}{tag}")
    for name, value in attributes.items():
        element.set(f"{{{W}}}{name}", str(value))
    element.extend(children)
    return element
