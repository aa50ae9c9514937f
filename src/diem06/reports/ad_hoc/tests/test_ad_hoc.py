"""A ministry's form: kept as it came, tied once, filled for any period with numbers that open back."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.areas.queries import areas_on
from diem06.core.audit.models import Entry
from diem06.core.evidence.queries import content_of
from diem06.core.plans.queries import Loaded
from diem06.core.sheets.reading import MacroError, NotAWorkbookError, TooLargeError
from diem06.cube.figures import board, figure_at
from diem06.reports.ad_hoc import actions, workbook
from diem06.reports.ad_hoc.areas import recognise
from diem06.reports.ad_hoc.figures import answers
from diem06.reports.ad_hoc.specs import Catalogue, Spec, SpecError, decoded, window_code
from diem06.reports.ad_hoc.suggest import suggestions
from diem06.reports.ad_hoc.tests.made_forms import DISTRICTS, FIRST, LAST, TOTAL, ministry_form, saved
from diem06.reports.models import AdHocForm, DeclaredValue
from diem06.reports.tests.factories import AT, month, of_unit, signed_in, whole_province

pytestmark = pytest.mark.django_db

LINK = "https://example.test/figures/{key}/"


def _tree(loaded: Loaded, code: str = "2023-07") -> Any:
    return areas_on(month(loaded, code).last_day)


@pytest.fixture
def form(loaded: Loaded) -> AdHocForm:
    return actions.keep_form(
        plan_id=loaded.plan.id, title="Biểu 01/C06", asked_by="Bộ Công an", content=ministry_form(), name="Biểu 01.xlsx",
        unit="", at=AT, by=None,
    )  # fmt: skip


@pytest.fixture
def catalogue(loaded: Loaded) -> Catalogue:
    return Catalogue(loaded.plan, month(loaded, "2023-07").last_day)


def _tie(form: AdHocForm, catalogue: Catalogue, *specs: Spec, sheet: str = "Biểu 01") -> int:
    return actions.tie_cells(form=form, sheet=sheet, specs=specs, catalogue=catalogue, at=AT, by=None)


def _by_districts(loaded: Loaded, column: str, what: str, **more: str) -> list[Spec]:
    tree = _tree(loaded)
    found = recognise(DISTRICTS, tree, root=loaded.plan.area)
    return [
        Spec(
            coordinate=f"{column}{FIRST + index}", what=what, area=one.area.code, area_from=one.area.valid_from, **more
        )
        for index, one in enumerate(found)
    ]


def _fill(form: AdHocForm, loaded: Loaded, code: str = "2023-07") -> Any:
    return actions.fill_form(form=form, loaded=loaded, period=month(loaded, code), link=LINK, at=AT, by=None)


def _opened(fill: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content_of(fill.file)))


# -- areas -----------------------------------------------------------------------------------------------------------
def test_districts_are_recognised_with_types_abbreviations_and_without_accents(loaded: Loaded) -> None:
    """«TP. Bắc Giang» is the city, «Luc Nam» and «Hiệp Hoà» are found, «Tổng cộng» is the province, «Khối tỉnh» is nothing."""
    tree = _tree(loaded)
    found = recognise([*DISTRICTS, "Tổng cộng", "Khối tỉnh", "2. Huyện Sơn Động"], tree, root="24")

    assert [one.area.code if one.area else None for one in found] == [
        "213", "215", "216", "217", "218", "219", "220", "221", "222", "223", "24", None, "220",
    ]  # fmt: skip


def test_a_commune_named_like_another_is_left_to_the_person(loaded: Loaded) -> None:
    """Two communes of one name are not guessed between."""
    tree = _tree(loaded)
    names: dict[str, int] = {}
    for area in tree:
        names[area.short_name] = names.get(area.short_name, 0) + (area.level == "commune")
    doubled = next(name for name, number in names.items() if number > 1)
    one = recognise([f"Xã {doubled}"], tree, root="24")[0]

    assert one.area is None
    assert one.why == "several"


# -- opening ---------------------------------------------------------------------------------------------------------
def test_the_grid_shows_merged_heads_and_says_where_no_number_goes() -> None:
    """A merged head spans its columns; words and formulas cannot be tied, empty framed cells can."""
    grid = workbook.open_form(ministry_form()).grid("Biểu 01")
    assert grid is not None
    head = grid.at(4, 4)

    assert (head.coordinate, head.span) == ("C4", 2)
    assert grid.at(5, 5).coordinate == "E4"
    assert grid.at(FIRST, 2).why_not
    assert grid.at(TOTAL, 3).why_not
    assert not grid.at(FIRST, 3).why_not
    assert grid.at(FIRST, 4).is_percent


def test_a_range_over_merged_cells_and_a_foolish_one() -> None:
    grid = workbook.open_form(ministry_form()).grid("Biểu 01")
    assert [cell.coordinate for cell in workbook.cells_in(grid, "c7:c9, d7")] == ["C7", "C8", "C9", "D7"]
    for wrong in ("", "C", "ZZ1", "C7:C9999", "nothing", "C7:"):
        with pytest.raises(workbook.CellError):
            workbook.cells_in(grid, wrong)


def test_what_is_lost_is_said() -> None:
    """A drawing and a picture in the file are named; a plain form loses nothing."""
    content = ministry_form()
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/drawings/drawing1.xml", "<xdr:wsDr><xdr:sp></xdr:sp></xdr:wsDr>")
        archive.writestr("xl/media/image1.png", b"x")
        archive.writestr("xl/pivotTables/pivotTable1.xml", "<x/>")

    assert workbook.losses(content) == ()
    assert len(workbook.losses(stream.getvalue())) == 3


def test_a_merge_over_a_whole_sheet_is_refused_before_it_is_built() -> None:
    """One tag must not make a million cells."""
    content = ministry_form()
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = re.sub(rb'ref="A2:G2"', b'ref="A2:XFD900000"', part)
            new.writestr(name, part)

    with pytest.raises(TooLargeError):
        workbook.open_form(target.getvalue())


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 x", b"PK\x03\x04junk"])
def test_another_kind_of_file_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        workbook.open_form(content)


def test_a_file_with_macros_is_refused() -> None:
    stream = io.BytesIO(ministry_form())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    with pytest.raises((MacroError, NotAWorkbookError)):
        workbook.open_form(stream.getvalue())


# -- tying and filling -----------------------------------------------------------------------------------------------
def test_words_and_formulas_of_the_form_cannot_be_tied(form: AdHocForm, catalogue: Catalogue) -> None:
    for coordinate in ("B7", f"C{TOTAL}", "ZZ99"):
        with pytest.raises(workbook.CellError):
            _tie(form, catalogue, Spec(coordinate=coordinate, what="i:P7"))
    with pytest.raises(SpecError):
        _tie(form, catalogue, Spec(coordinate="C7", what="i:NOPE"))
    assert form.cells.count() == 0


def test_a_spec_reads_back_what_it_wrote(loaded: Loaded) -> None:
    for spec in _by_districts(loaded, "C", "m:dossiers_received[channel=online]", window="ptd"):
        assert decoded(spec.encoded()) == spec
    with pytest.raises(SpecError):
        decoded("C7|i:P7")


def test_each_number_is_the_cubes_and_in_the_cells_own_format(
    form: AdHocForm, catalogue: Catalogue, loaded: Loaded
) -> None:
    """A share is 0-1 under «0.0%», 0-100 under General where chosen so; a sum is the numerator of the same measure."""
    _tie(form, catalogue, *_by_districts(loaded, "C", "m:dossiers_received[channel=online]"))
    _tie(form, catalogue, *_by_districts(loaded, "D", "i:P7", scale="hundred"))
    _tie(form, catalogue, *_by_districts(loaded, "E", "i:P9", scale="hundred"))
    sheet = _opened(_fill(form, loaded))["Biểu 01"]
    here = board(loaded, "2023-07")
    tree = _tree(loaded)
    for index, one in enumerate(recognise(DISTRICTS, tree, root="24")):
        row = FIRST + index
        p7, p9 = here.figure("P7", area=one.area.code), here.figure("P9", area=one.area.code)
        assert sheet.cell(row, 3).value == p7.denominator
        assert sheet.cell(row, 4).value == pytest.approx(float(p7.value), abs=1e-6)
        assert sheet.cell(row, 5).value == pytest.approx(float(p9.value * 100), abs=0.005)
        assert sheet.cell(row, 4).number_format == "0.0%"
    assert isinstance(sheet.cell(FIRST, 3).value, int)


def test_looks_formulas_merges_and_print_setup_are_kept(form: AdHocForm, catalogue: Catalogue, loaded: Loaded) -> None:
    """All that stood in the blank form stands in the filled one, cell by cell."""
    _tie(form, catalogue, *_by_districts(loaded, "C", "i:P7", part="den"))
    filled = _opened(_fill(form, loaded))
    blank = openpyxl.load_workbook(io.BytesIO(ministry_form()))
    tied = {f"C{row}" for row in range(FIRST, LAST + 1)}
    for name in blank.sheetnames:
        old, new = blank[name], filled[name]
        assert {str(area) for area in old.merged_cells.ranges} == {str(area) for area in new.merged_cells.ranges}
        assert old.print_area == new.print_area
        assert old.print_title_rows == new.print_title_rows
        assert old.page_setup.orientation == new.page_setup.orientation
        assert old.oddFooter.center.text == new.oddFooter.center.text
        assert len(old.data_validations.dataValidation) == len(new.data_validations.dataValidation)
        assert {key: dim.width for key, dim in old.column_dimensions.items()} == {
            key: dim.width for key, dim in new.column_dimensions.items()
        }
        for row in old.iter_rows():
            for cell in row:
                other = new[cell.coordinate]
                looks = [repr((c.font, c.fill, c.border, c.number_format, c.alignment)) for c in (cell, other)]
                assert looks[0] == looks[1]
                if cell.coordinate not in tied:
                    assert cell.value == other.value, cell.coordinate
    assert filled["Biểu 01"].cell(TOTAL, 3).value == f"=SUM(C{FIRST}:C{LAST})"


def test_a_cell_without_data_stays_empty_and_is_listed_with_why(
    form: AdHocForm, catalogue: Catalogue, loaded: Loaded
) -> None:
    """Before the plan's first period there is nothing: no 0, and the list says so."""
    _tie(form, catalogue, Spec(coordinate="C7", what="i:P7", window="before"), Spec(coordinate="C8", what="i:P7"))
    fill = _fill(form, loaded)
    opened = _opened(fill)

    assert opened["Biểu 01"]["C7"].value is None
    assert opened["Biểu 01"]["C8"].value is not None
    assert fill.cells["Biểu 01!C7"][0] is None
    assert fill.cells["Biểu 01!C7"][2]
    lines = {row[1]: row for row in opened[workbook.SOURCES_SHEET].iter_rows(min_row=3, values_only=True)}
    assert not lines["C7"][3]
    assert lines["C7"][6] == fill.cells["Biểu 01!C7"][2]


def test_every_number_opens_back_by_its_key(form: AdHocForm, catalogue: Catalogue, loaded: Loaded) -> None:
    """The sheet of sources gives key and address; the key finds the same number later."""
    _tie(form, catalogue, *_by_districts(loaded, "D", "i:P7"))
    fill = _fill(form, loaded)
    opened = _opened(fill)
    rows = list(opened[workbook.SOURCES_SHEET].iter_rows(min_row=3, values_only=True))

    assert len(rows) == len(DISTRICTS)
    for sheet, coordinate, _what, _shown, tag, url, _note in rows:
        key = tag.partition("#")[0]
        figure, _board, is_current = figure_at(loaded, key)
        assert is_current
        assert url == LINK.replace("{key}", key)
        assert opened[sheet][coordinate].value == pytest.approx(float(figure.value), abs=1e-6)


def test_filled_twice_the_numbers_are_equal_and_both_files_stay(
    form: AdHocForm, catalogue: Catalogue, loaded: Loaded
) -> None:
    _tie(form, catalogue, *_by_districts(loaded, "C", "i:P9", part="num"), *_by_districts(loaded, "D", "i:P9"))
    first, second = _fill(form, loaded), _fill(form, loaded)

    assert first.cells == second.cells
    assert workbook.values_of(content_of(first.file)) == workbook.values_of(content_of(second.file))
    assert form.fills.count() == 2


def test_a_changed_tie_is_used_by_the_next_fill_and_leaves_the_old_file(
    form: AdHocForm, catalogue: Catalogue, loaded: Loaded
) -> None:
    _tie(form, catalogue, Spec(coordinate="C7", what="i:P7", part="num"))
    first = _fill(form, loaded)
    kept = content_of(first.file)
    _tie(form, catalogue, Spec(coordinate="C7", what="i:P7", part="den"))
    second = _fill(form, loaded)

    assert content_of(first.file) == kept
    assert first.cells["Biểu 01!C7"][0] != second.cells["Biểu 01!C7"][0]
    assert actions.untie_cells(form=form, sheet="Biểu 01", coordinates=["C7"], at=AT, by=None) == 1
    with pytest.raises(actions.AdHocError):
        _fill(form, loaded)


def test_windows_are_this_before_to_date_quarter_half_and_year(loaded: Loaded) -> None:
    codes = [window_code(loaded.plan, "2023-09", each) for each in ("this", "before", "ptd", "quarter", "half", "year")]
    assert codes == ["2023-09", "2023-08", "ptd-2023-09", "2023-Q3", "2023-H2", "2023"]
    assert window_code(loaded.plan, "2023-07", "before") is None


def test_a_quarters_sum_of_a_flow_is_the_sum_of_its_months(loaded: Loaded) -> None:
    """What a form shows for a quarter is what its three months show, added up, of the same measure."""
    what = "m:dossiers_digitised"
    quarter = answers([("s", Spec(coordinate="A1", what=what, part="sum", window="quarter"))], loaded, "2023-09")[0]
    months = [
        answers([("s", Spec(coordinate="A1", what=what, part="sum"))], loaded, code)[0].value
        for code in ("2023-07", "2023-08", "2023-09")
    ]
    declared = sum(DeclaredValue.objects.current().filter(measure="dossiers_digitised").values_list("value", flat=True))

    assert quarter.value == sum(value for value in months if value is not None) == declared
    assert not quarter.is_share


def test_a_sum_of_a_unit_is_what_the_unit_declared(loaded: Loaded) -> None:
    spec = Spec(coordinate="A1", what="m:dossiers_received[channel=online]", part="sum", unit="so-y-te")
    value = DeclaredValue.objects.current().get(
        unit="so-y-te", measure="dossiers_received", dimensions="channel=online", period__code="2023-07"
    )

    assert answers([("s", spec)], loaded, "2023-07")[0].value == Decimal(value.value)


def test_an_area_that_is_another_one_now_stays_empty(loaded: Loaded) -> None:
    """A code may be another area after a reform: a commune that took in others is not filled under its old tie."""
    tree, later = _tree(loaded), areas_on(date(2025, 9, 1))
    grown = next(area for area in later if area.level == "commune" and area.code in tree)
    spec = Spec(coordinate="A1", what="i:P9", area=grown.code, area_from=grown.valid_from)
    one = answers([("s", spec)], loaded, "2023-07")[0]

    assert one.value is None
    assert one.why


def test_a_district_that_became_a_town_is_still_the_same_area(loaded: Loaded) -> None:
    """Huyện Việt Yên, a town since 2024, is filled for 2023 though it was tied later."""
    town = areas_on(date(2024, 7, 1)).get("222")
    assert town.valid_from != _tree(loaded).get("222").valid_from
    spec = Spec(coordinate="A1", what="i:P9", area="222", area_from=town.valid_from)

    assert answers([("s", spec)], loaded, "2023-07")[0].value == board(loaded, "2023-07").figure("P9", area="222").value


def test_a_units_form_holds_its_own_figures_alone(loaded: Loaded, catalogue: Catalogue) -> None:
    """Whatever is asked for, a unit's form is filled with that unit's own numbers."""
    form = actions.keep_form(
        plan_id=loaded.plan.id, title="Biểu", asked_by="Bộ", content=ministry_form(), name="b.xlsx",
        unit="ubnd-tan-yen", at=AT, by=None,
    )  # fmt: skip
    _tie(form, catalogue, Spec(coordinate="C7", what="i:P7", part="den", unit="so-y-te"))
    fill = _fill(form, loaded)
    own = board(loaded, "2023-07").figure("P7", unit="ubnd-tan-yen")

    assert Decimal(fill.cells["Biểu 01!C7"][0]) == own.denominator


def test_every_write_is_in_the_trail(form: AdHocForm, catalogue: Catalogue, loaded: Loaded) -> None:
    _tie(form, catalogue, Spec(coordinate="C7", what="i:P7"))
    _fill(form, loaded)
    actions.retire_form(form=form, retired=True, at=AT, by=None)
    said = Entry.objects.filter(object_type="ad_hoc_form", object_id=str(form.pk)).values_list("action", flat=True)

    assert list(said) == ["ad_hoc.keep", "ad_hoc.tie", "ad_hoc.fill", "ad_hoc.retire"]
    with pytest.raises(actions.AdHocError):
        _fill(form, loaded)


def test_a_text_that_looks_like_a_formula_is_none_in_the_list_of_sources() -> None:
    """A title taken from somebody's file must not run in Excel."""
    line = workbook.SourceLine(sheet="=HYPERLINK(1)", coordinate="A1", what="+x", shown="", key="", url="", note="@n")
    content = workbook.filled(ministry_form(), [], [line], title="t")
    row = next(openpyxl.load_workbook(io.BytesIO(content))[workbook.SOURCES_SHEET].iter_rows(min_row=3))

    assert all(cell.data_type == "s" for cell in row if cell.value)


# -- suggestions -----------------------------------------------------------------------------------------------------
def test_heads_suggest_figures_sums_areas_and_windows(loaded: Loaded, catalogue: Catalogue) -> None:
    """Columns by their heads, rows by their areas; a list of contents by its words, windows by the heads of columns."""
    opened = workbook.open_form(ministry_form())
    found = {
        one.spec.coordinate: one.spec
        for one in suggestions(opened.grid("Biểu 01"), catalogue, _tree(loaded), root="24")
    }

    assert found["C9"].what == "m:dossiers_received[channel=online]"
    assert (found["D9"].what, found["D9"].area) == ("i:P7", "216")
    assert (found["E9"].what, found["E9"].scale) == ("i:P9", "hundred")
    assert found["F9"].what == "m:dossiers_digitised"
    assert not any(coordinate.startswith("G") for coordinate in found)
    assert found[f"D{TOTAL}"].area == ""
    contents = {
        one.spec.coordinate: (one.spec.what, one.spec.window)
        for one in suggestions(opened.grid("Biểu 02"), catalogue, _tree(loaded), root="24")
    }
    assert contents["C2"] == ("m:dossiers_digitised", "this")
    assert contents["D2"] == ("m:dossiers_digitised", "before")
    assert contents["E3"] == ("i:P19", "ptd")


# -- pages -----------------------------------------------------------------------------------------------------------
def _upload(client: Client, owner: str = "tinh", content: bytes | None = None) -> Any:
    file = SimpleUploadedFile("bieu.xlsx", ministry_form() if content is None else content)
    return client.post(
        reverse("ad-hoc-keep", args=(owner,)), {"title": "Biểu C06", "asked_by": "Bộ Công an", "file": file}
    )


def test_from_upload_to_the_filled_file_by_the_pages(loaded: Loaded) -> None:
    """Upload, look at a block by districts, confirm, preview a period, fill, open, download."""
    client = whole_province()
    answer = _upload(client)
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    assert page.status_code == 200
    asked = {
        "sheet": "Biểu 01", "do": "look", "cells": f"D{FIRST}:D{TOTAL}", "what": "i:P7", "part": "val", "area": "rows",
        "unit": "", "window": "this", "scale": "hundred",
    }  # fmt: skip
    looked = client.post(answer["Location"], asked)
    assert looked.status_code == 200
    specs = [line.value for line in looked.context["lines"] if not line.why]
    assert len(specs) == len(DISTRICTS) + 1
    tied = client.post(answer["Location"], {"sheet": "Biểu 01", "do": "tie", "spec": specs})
    assert tied.status_code == 302
    form = AdHocForm.objects.get()
    preview = client.get(reverse("ad-hoc-fill", args=("tinh", form.pk)), {"period": "2023-07"})
    assert len(preview.context["answers"]) == len(specs)
    assert not form.fills.exists()
    made = client.post(reverse("ad-hoc-fill", args=("tinh", form.pk)), {"period": "2023-07"})
    assert made.status_code == 302
    assert client.get(made["Location"]).status_code == 200
    file = client.get(made["Location"] + "file.xlsx")
    assert file.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(file.content))["Biểu 01"]
    assert 0 < sheet.cell(FIRST, 4).value <= 1


def test_a_wrong_file_and_a_wrong_block_are_told_in_words(loaded: Loaded) -> None:
    client = whole_province()
    refused = _upload(client, content=b"%PDF-1.7")
    assert refused.status_code == 422
    assert refused.context["form"].errors["file"]
    _upload(client)
    form = AdHocForm.objects.get()
    url = reverse("ad-hoc-form", args=("tinh", form.pk))
    asked = {"do": "look", "cells": "nothing", "what": "i:P7", "part": "val", "window": "this", "scale": "ratio"}
    assert client.post(url, asked).status_code == 422
    assert client.post(url, {"do": "tie", "spec": ["B7|i:P7|val||||this|ratio"]}).status_code == 422
    assert client.post(url, {"do": "tie", "spec": ["junk"]}).status_code == 422


def test_a_form_of_another_owner_is_not_found(loaded: Loaded, form: AdHocForm) -> None:
    """A unit's people cannot open the province's form through their own address, nor another unit's."""
    client = of_unit("ubnd-tan-yen")
    assert client.get(reverse("ad-hoc-form", args=("ubnd-tan-yen", form.pk))).status_code == 404
    assert client.get(reverse("ad-hoc-form", args=("tinh", form.pk))).status_code == 403
    assert client.get(reverse("ad-hoc-list", args=("so-y-te",))).status_code == 403
    assert signed_in(Role.AUDITOR, "thanh-tra-tinh").get(reverse("ad-hoc")).status_code == 403


def test_the_list_is_filtered_and_asks_the_database_as_often_for_many(
    loaded: Loaded, django_assert_max_num_queries: Any
) -> None:
    client = whole_province()
    for _number in range(4):
        _upload(client)
    form = AdHocForm.objects.first()
    actions.retire_form(form=form, retired=True, at=AT, by=None)
    url = reverse("ad-hoc-list", args=("tinh",))
    client.get(url)
    with django_assert_max_num_queries(14):
        assert client.get(url).context["page"].paginator.count == 3
    assert client.get(url, {"state": "retired"}).context["page"].paginator.count == 1
    assert client.get(url, {"text": "không có"}).context["page"].paginator.count == 0


def test_a_file_with_rich_text_keeps_it(loaded: Loaded) -> None:
    """Two fonts in one cell stay two fonts."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    book = openpyxl.load_workbook(io.BytesIO(ministry_form()))
    book["Biểu 01"]["A1"] = CellRichText("BỘ ", TextBlock(InlineFont(b=True), "CÔNG AN"))
    content = workbook.filled(saved(book), [], [], title="t")
    value = openpyxl.load_workbook(io.BytesIO(content), rich_text=True)["Biểu 01"]["A1"].value

    assert isinstance(value, CellRichText)
