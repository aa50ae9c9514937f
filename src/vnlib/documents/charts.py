"""
A chart as Word keeps it: a DrawingML part with its numbers in an Excel file inside, so that a person can open and change them.

The numbers are written twice, in the workbook and beside it as the last ones drawn, as Word itself does.
"""

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import xlsxwriter
from lxml import etree

from vnlib.documents import form
from vnlib.documents.content import Chart, Series, clean
from vnlib.documents.names import CHART as C
from vnlib.documents.names import DRAWING, R

Element: TypeAlias = etree._Element  # noqa: SLF001  lxml has no public name for it

_TEXT_PT = 11
_COLOURS = ("1C4C8F", "B96F00", "3D7A4A", "7A3D6E", "5B6670", "A33B2E")
_CATEGORY_AXIS, _VALUE_AXIS = "111111111", "222222222"
_SHEET = "So lieu"
_MADE = dt.datetime(1980, 1, 1)  # noqa: DTZ001  the same chart gives the same bytes; a workbook knows no time zone


def chart_part(chart: Chart) -> Element:
    """Return the chart's own part. Its workbook is the part's relation rId1."""
    root = etree.Element(f"{{{C}}}chartSpace", nsmap={"c": C, "a": DRAWING, "r": R})
    root.extend([_c("date1904", val=0), _c("lang", val="vi-VN"), _c("roundedCorners", val=0)])
    legend = _c("legend", _c("legendPos", val="b"), _c("overlay", val=0), _text())
    root.append(
        _c(
            "chart",
            _c("autoTitleDeleted", val=1),
            _plot(chart),
            *([legend] if len(chart.series) > 1 else []),
            _c("plotVisOnly", val=1),
            _c("dispBlanksAs", val="gap"),
        )
    )
    root.append(_text())
    data = _c("externalData", _c("autoUpdate", val=0))
    data.set(f"{{{R}}}id", "rId1")
    root.append(data)
    return root


def chart_workbook(chart: Chart) -> bytes:
    """Return the workbook of a chart: categories in the first column, one column a series."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": _MADE})
    number = book.add_format({"num_format": chart.number_format})
    sheet = book.add_worksheet(_SHEET)
    for column, series in enumerate(chart.series, start=1):
        sheet.write_string(0, column, clean(series.name))
        for row, value in enumerate(series.values, start=1):
            if value is not None:
                sheet.write_number(row, column, value, number)
    for row, category in enumerate(chart.categories, start=1):
        sheet.write_string(row, 0, clean(category))
    sheet.set_column(0, 0, 30)
    book.close()
    return buffer.getvalue()


def _plot(chart: Chart) -> Element:
    columns = [(n, series) for n, series in enumerate(chart.series) if chart.kind != "line" and not series.is_line]
    lines = [(n, series) for n, series in enumerate(chart.series) if chart.kind == "line" or series.is_line]
    plot = _c("plotArea", _c("layout"))
    if columns:
        bars = _c("barChart", _c("barDir", val="col"), _c("grouping", val="clustered"), _c("varyColors", val=0))
        bars.extend(_series(chart, number, series, is_line=False) for number, series in columns)
        bars.append(_c("gapWidth", val=60))
        bars.extend(_axis_ids())
        plot.append(bars)
    if lines:
        line = _c("lineChart", _c("grouping", val="standard"), _c("varyColors", val=0))
        line.extend(_series(chart, number, series, is_line=True) for number, series in lines)
        line.append(_c("marker", val=1))
        line.extend(_axis_ids())
        plot.append(line)
    plot.extend([_category_axis(), _value_axis(chart)])
    return plot


def _series(chart: Chart, number: int, series: Series, *, is_line: bool) -> Element:
    column = chr(ord("B") + number)
    colour = _COLOURS[number % len(_COLOURS)]
    element = _c("ser", _c("idx", val=number), _c("order", val=number))
    element.append(_c("tx", _strings("strRef", f"'{_SHEET}'!${column}$1", [series.name])))
    is_target = is_line and chart.kind != "line"
    if is_line:
        # A target has no course: its marks stand alone over the columns.
        stroke = _a("ln", _a("noFill")) if is_target else _a("ln", _fill(colour), w=25400)
        element.append(_c("spPr", stroke))
        marker = _c(
            "marker", _c("symbol", val="dash" if is_target else "circle"), _c("size", val=12 if is_target else 6)
        )
        marker.append(_c("spPr", _fill(colour), _a("ln", _fill(colour))))
        element.append(marker)
    else:
        element.extend([_c("spPr", _fill(colour)), _c("invertIfNegative", val=0)])
    if not is_target:
        element.append(_labels(chart, is_line=is_line))
    last = len(chart.categories) + 1
    element.append(_c("cat", _strings("strRef", f"'{_SHEET}'!$A$2:$A${last}", chart.categories)))
    element.append(_c("val", _numbers(f"'{_SHEET}'!${column}$2:${column}${last}", series.values, chart.number_format)))
    if is_line:
        element.append(_c("smooth", val=0))
    return element


def _labels(chart: Chart, *, is_line: bool) -> Element:
    labels = _c("dLbls", _c("numFmt", formatCode=chart.number_format, sourceLinked=0), _text(chart.label_pt))
    labels.append(_c("dLblPos", val="t" if is_line else "outEnd"))
    for name in ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize"):
        labels.append(_c(f"show{name}", val=int(name == "Val")))
    return labels


def _strings(name: str, reference: str, texts: Sequence[str]) -> Element:
    cache = _c("strCache", _c("ptCount", val=len(texts)))
    cache.extend(_point(place, clean(text)) for place, text in enumerate(texts))
    return _c(name, _said("f", reference), cache)


def _numbers(reference: str, values: Sequence[float | None], number_format: str) -> Element:
    cache = _c("numCache", _said("formatCode", number_format), _c("ptCount", val=len(values)))
    cache.extend(_point(place, repr(value)) for place, value in enumerate(values) if value is not None)
    return _c("numRef", _said("f", reference), cache)


def _point(place: int, text: str) -> Element:
    return _c("pt", _said("v", text), idx=place)


def _axis_ids() -> Iterable[Element]:
    return _c("axId", val=_CATEGORY_AXIS), _c("axId", val=_VALUE_AXIS)


def _category_axis() -> Element:
    return _c(
        "catAx", _c("axId", val=_CATEGORY_AXIS), _c("scaling", _c("orientation", val="minMax")), _c("delete", val=0),
        _c("axPos", val="b"), _c("numFmt", formatCode="General", sourceLinked=0), _c("majorTickMark", val="none"),
        _c("minorTickMark", val="none"), _c("tickLblPos", val="low"), _c("spPr", _a("ln", _fill("5B6670"), w=9525)), _text(),
        _c("crossAx", val=_VALUE_AXIS), _c("crosses", val="autoZero"), _c("auto", val=1), _c("lblAlgn", val="ctr"),
        _c("lblOffset", val=100), _c("noMultiLvlLbl", val=1),
    )  # fmt: skip


def _value_axis(chart: Chart) -> Element:
    scaling = _c("scaling", _c("orientation", val="minMax"))
    if chart.largest is not None:
        scaling.append(_c("max", val=repr(chart.largest)))
    scaling.append(_c("min", val=0))
    axis_format = "0%" if chart.number_format.endswith("%") else chart.number_format
    return _c(
        "valAx", _c("axId", val=_VALUE_AXIS), scaling, _c("delete", val=0), _c("axPos", val="l"),
        _c("majorGridlines", _c("spPr", _a("ln", _fill("D9DDE1"), w=6350))),
        _c("numFmt", formatCode=axis_format, sourceLinked=0), _c("majorTickMark", val="none"),
        _c("minorTickMark", val="none"), _c("tickLblPos", val="nextTo"), _c("spPr", _a("ln", _a("noFill"))), _text(),
        _c("crossAx", val=_CATEGORY_AXIS), _c("crosses", val="autoZero"), _c("crossBetween", val="between"),
    )  # fmt: skip


def _text(size_pt: float = _TEXT_PT) -> Element:
    """The look of all words of a part of the chart: the font of the decree, black."""
    run = _a("defRPr", _fill("000000"), sz=round(size_pt * 100), b=0)
    run.extend(_a(script, typeface=form.FONT) for script in ("latin", "ea", "cs"))
    return _c("txPr", _a("bodyPr"), _a("lstStyle"), _a("p", _a("pPr", run), _a("endParaRPr", lang="vi-VN")))


def _fill(colour: str) -> Element:
    return _a("solidFill", _a("srgbClr", val=colour))


def _c(tag: str, *children: Element, **attributes: str | int) -> Element:
    return _element(C, tag, children, attributes)


def _a(tag: str, *children: Element, **attributes: str | int) -> Element:
    return _element(DRAWING, tag, children, attributes)


def _said(tag: str, text: str) -> Element:
    element = _c(tag)
    element.text = text
    return element


def _element(space: str, tag: str, children: Iterable[Element], attributes: dict[str, str | int]) -> Element:
    element = etree.Element(f"{{{space}}}{tag}")
    for name, value in attributes.items():
        element.set(name, str(value))
    element.extend(children)
    return element
