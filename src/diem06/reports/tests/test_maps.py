"""Facts about figures on the map of another day: what adds up, what is divided, what is said, and who may see it."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from diem06.core.areas.queries import areas_on
from diem06.core.plans.queries import Loaded
from diem06.cube.map_layout import Undivided
from diem06.cube.maps import MapBoard, map_board
from diem06.cube.standing import Standing
from diem06.plan.model import Level
from diem06.reports.screens.maps import MapUnknown, map_states, moved_page, outlook_on, share_words
from diem06.reports.screens.outlook import Outlook
from diem06.reports.tests.factories import of_unit, person_of, seen, whole_province
from diem06.reports.tests.test_closing import close, correct

pytestmark = pytest.mark.django_db
NQ_938, NQ_1191, NQ_1658, LAST = date(2024, 2, 1), date(2025, 1, 1), date(2025, 7, 1), date(2026, 9, 20)


def on(day: date, outlook: Outlook | None = None) -> tuple[Outlook, MapBoard]:
    found = (outlook or seen()).on_map(day)
    assert isinstance(found.board, MapBoard)
    return found, found.board


# -- figures -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("day", [NQ_938, NQ_1191, NQ_1658, LAST])
def test_the_province_is_the_same_on_every_later_map(loaded: Loaded, day: date) -> None:
    """Numerator and denominator of every line; only Bắc Ninh of 2025, which is wider, has another area."""
    outlook, here = on(day)
    for code in here.lines:
        own, mapped = seen().figure(code), outlook.figure(code)
        assert (mapped.numerator, mapped.denominator) == (own.numerator, own.denominator), code


@pytest.mark.parametrize("day", [NQ_938, NQ_1191, NQ_1658])
def test_parts_add_up_to_the_figure(loaded: Loaded, day: date) -> None:
    """Every area of every sum: what is taken of its parts is its numerator and denominator, to the last digit."""
    outlook, here = on(day)
    for code in ("P1", "P2", "P9", "M3.2", "M6.1"):
        for level in here.levels(code):
            for area in here.areas(code, level):
                figure = outlook.figure(code, area=area.code)
                parts = [part.taken for part in here.parts(code, area.code)]
                if figure.numerator is None:
                    continue
                assert sum((each.numerator or Decimal() for each in parts if each), Decimal()) == figure.numerator
                wanted = figure.denominator or Decimal()
                assert sum((each.denominator or Decimal() for each in parts if each), Decimal()) == wanted


def test_an_area_that_is_the_same_keeps_figure_key_and_standing(loaded: Loaded) -> None:
    """Huyện Việt Yên of 2023 is Thị xã Việt Yên of 2024: the same extent, so the same figure, with its own page."""
    outlook, _here = on(NQ_938)
    own, mapped = seen().figure("P9", area="222"), outlook.figure("P9", area="222")
    assert mapped.area is not None
    assert mapped.area.valid_from == NQ_938
    assert (mapped.key, mapped.standing, mapped.target, mapped.gap) == (own.key, own.standing, own.target, own.gap)
    assert not mapped.apportioned


def test_a_district_that_joined_another_adds_up(loaded: Loaded) -> None:
    """Thành phố Bắc Giang of 2025 is the city and Yên Dũng of 2023; a share target goes on for it, no count's target does."""
    outlook, here = on(NQ_1191)
    figure = outlook.figure("P9", area="213")
    both = [seen().figure("P9", area=code) for code in ("213", "221")]
    assert figure.numerator == sum(each.numerator or 0 for each in both)
    assert figure.target == both[0].target
    assert figure.standing is not Standing.NO_TARGET
    assert [(part.area.code, part.share, part.only_own) for part in here.parts("P9", "213")] == [
        ("213", Decimal(1), False),
        ("221", Decimal(1), False),
    ]
    for code, line in here.lines.items():
        if not line.is_ratio:
            assert outlook.figure(code, area="213").target is None


def test_a_divided_commune_gives_each_heir_its_share(loaded: Loaded) -> None:
    """Thanh Hải: 0.028997 of its people, and so of its figures, are in Lục Ngạn; the rest in Chũ. Neither is judged."""
    outlook, _here = on(NQ_1191)
    thanh_hai = seen().figure("P9", area="07549")
    assert thanh_hai.numerator is not None
    for area, share in (("219", Decimal("0.028997")), ("224", Decimal("0.971003"))):
        figure = outlook.figure("P9", area=area)
        (cut,) = figure.apportioned
        assert (cut.area.code, cut.share, cut.basis) == ("07549", share, "press")
        assert cut.numerator == thanh_hai.numerator * share
        assert (figure.target, figure.gap, figure.standing) == (None, None, Standing.NO_TARGET)
    halves = [outlook.figure("P9", area=area).numerator for area in ("219", "224")]
    assert sum(half or 0 for half in halves) == seen().figure("P9", area="219").numerator


def test_people_counted_once_are_not_divided(loaded: Loaded) -> None:
    """Lục Ngạn stated how many people it received: nobody can say how many of them live in Chũ. No number, with the reason."""
    outlook, _here = on(NQ_1191)
    figure = outlook.figure("M7.2", area="224")
    assert figure.value is None
    assert {each.why for each in figure.not_divided} == {Undivided.DISTINCT}
    assert figure.standing is Standing.NO_DATA
    assert outlook.figure("M7.2", area="216").value == seen().figure("M7.2", area="216").value


def test_completeness_follows_the_owed_cells(loaded: Loaded) -> None:
    """Who owes something of any part owes it for the whole; so the province keeps its count of units."""
    outlook, _here = on(NQ_1658)
    own, mapped = seen().figure("P1"), outlook.figure("P1")
    assert (mapped.expected, mapped.reported, mapped.missing) == (own.expected, own.reported, own.missing)
    assert outlook.figure("P9", area="07537").expected


def test_units_have_the_figures_of_the_own_map(loaded: Loaded) -> None:
    outlook, _here = on(NQ_1658)
    assert outlook.figure("P1", unit="ubnd-tan-yen") == seen().figure("P1", unit="ubnd-tan-yen")


def test_a_series_is_on_one_map(loaded: Loaded) -> None:
    """Three periods of 2023 of a commune of July 2025 that three communes became."""
    outlook, _here = on(NQ_1658)
    course = outlook.course("P9", over=outlook.until, area="07537")
    assert len(course) == 3
    assert all(figure is not None and figure.value is not None and figure.map_day == NQ_1658 for figure in course)


def test_areas_that_hold_nothing_have_no_figures(loaded: Loaded) -> None:
    """58 of the 99 communes hold something of 2023; the others were in old Bắc Ninh, and are not in the list."""
    _outlook, here = on(NQ_1658)
    assert len(here.areas("P9", Level.COMMUNE)) == 58
    assert len(here.tree.descendants("24", Level.COMMUNE)) == 99
    assert here.areas("P9", Level.DISTRICT) == []


def test_a_map_is_made_once_for_one_state_of_the_facts(loaded: Loaded) -> None:
    own = seen().board
    assert map_board(own, NQ_1658) is map_board(own, NQ_1658)


def test_people_are_counted_anew_as_the_whole_rollup_counts_them(loaded: Loaded) -> None:
    """The rollup of people alone says of every area of the map what the rollup of all lines says."""
    _outlook, here = on(NQ_1191)
    whole = here._rolled_up(here.window.last_day, extra=False).sides
    people = here._people.sides
    assert people
    assert all(whole[key] == side for key, side in people.items())


def test_a_closed_period_is_laid_out_as_it_was_known(loaded: Loaded) -> None:
    """A number that is corrected after closing changes no figure of any map of the period; the page says that it was closed."""
    close(loaded, "2023-07")
    before, _here = on(NQ_1191, seen(period_code="2023-07"))
    wanted = [before.figure(code, area=area) for code in ("P1", "P2", "P9") for area in ("24", "213", "224")]
    correct(loaded)
    after, _again = on(NQ_1191, seen(period_code="2023-07"))
    assert [after.figure(each.code, area=each.area.code) for each in wanted if each.area] == wanted
    text = whole_province().get("/indicators/P9/?map_day=2025-01-01&period=2023-07").content.decode()
    assert "Số đã chốt là số trên bản đồ của kỳ" in text


# -- pages ---------------------------------------------------------------------------------------------------------------
def test_the_maps_to_choose_from(loaded: Loaded) -> None:
    states = map_states(seen())
    assert [state.words for state in states] == [
        "Bản đồ của kỳ: 209 xã, 10 huyện (từ 10/04/2023)",
        "209 xã, 10 huyện (từ 01/02/2024)",
        "192 xã, 10 huyện (từ 01/01/2025)",
        "99 xã (từ 01/07/2025)",
        "99 xã (từ 20/09/2026)",
    ]
    assert outlook_on(seen(), "2023-05-01").map_day is None
    assert outlook_on(seen(), "2025-08-15").map_day == NQ_1658
    for wrong in ("2001-01-01", "ngày mai"):
        with pytest.raises(MapUnknown):
            outlook_on(seen(), wrong)


def test_the_page_says_what_was_divided_and_keeps_the_map_in_its_links(loaded: Loaded) -> None:
    text = whole_province().get("/indicators/P9/?map_day=2025-07-01").content.decode()
    assert "2 số chia theo dân số" in text
    assert "41 nơi trên bản đồ này ngoài địa bàn của kỳ, không có số." in text
    links = re.findall(r'href="(/areas/[0-9]+/[^"]*)"', text)
    assert links
    assert all("map_day=2025-07-01" in link for link in links)
    assert "/figures/maps/2025-07-01/2023-09/P9/07537/" in text
    without = whole_province().get("/indicators/P9/").content.decode()
    assert "số chia theo dân số" not in without
    assert "map_day=" not in "".join(re.findall(r'href="([^"]*)"', without))


def test_a_map_without_a_drawing_says_so(loaded: Loaded) -> None:
    text = whole_province().get("/areas/?indicator=P9&map_day=2025-01-01").content.decode()
    assert "Bản đồ này chưa có hình vẽ. Xem bảng." in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/figures/maps/2025-01-01/2023-09/P9/224/", 200),
        ("/figures/maps/2025-01-01/2023-09/P99/224/", 404),
        ("/figures/maps/2025-01-01/2023-09/P9/999/", 404),
        ("/figures/maps/2023-05-01/2023-09/P9/219/", 404),  # the period's own map
        ("/figures/maps/x/2023-09/P9/219/", 404),
        ("/figures/maps/2025-01-01/1999-09/P9/224/", 404),
        ("/indicators/P9/?map_day=1999-01-01", 404),
        ("/areas/224/", 404),
        ("/areas/224/?map_day=2025-01-01", 200),
        ("/areas/27/?map_day=2025-01-01", 404),
    ],
)
def test_what_is_there(loaded: Loaded, path: str, status: int) -> None:
    assert whole_province().get(path).status_code == status


def test_a_figure_opens_down_to_the_figures_of_its_own_map(loaded: Loaded) -> None:
    """Its page lists the parts with share and basis; each leads to a figure page that opens."""
    client = whole_province()
    text = client.get("/figures/maps/2025-01-01/2023-09/P9/219/").content.decode()
    assert "Xã Thanh Hải" in text
    assert "2,8997%" in text
    assert "Báo chí dẫn nghị quyết" in text
    keys = re.findall(r'href="(/figures/bg23[^"]+)"', text)
    assert len(keys) > 5
    assert client.get(keys[0]).status_code == 200


def test_the_table_of_parts_leaves_as_excel(loaded: Loaded) -> None:
    content = whole_province().get("/figures/maps/2025-01-01/2023-09/P9/219/parts.xlsx").content
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    outlook, _here = on(NQ_1191)
    figure = outlook.figure("P9", area="219")
    total = next(row for row in rows if row[1] == "Cộng")
    assert figure.numerator is not None
    assert abs(Decimal(str(total[7])) - figure.numerator) < Decimal("0.001")
    assert any(row[0] and "Xếp theo bản đồ 192 xã, 10 huyện (từ 01/01/2025)" in str(row[0]) for row in rows)


def test_people_of_a_district_see_what_their_own_area_alone_makes_up(loaded: Loaded) -> None:
    """Tân Yên is Tân Yên in 2025; phường Đa Mai of July 2025 holds a part of it and of the city, and stays closed."""
    client = of_unit()
    assert client.get("/areas/216/?map_day=2025-01-01").status_code == 200
    assert client.get("/areas/224/?map_day=2025-01-01").status_code == 403
    assert client.get("/figures/maps/2025-07-01/2023-09/P9/07228/").status_code == 403
    own = person_of("ubnd-tan-yen")
    outlook = seen(own).on_map(NQ_1658)
    inside = [area.code for area in areas_on(NQ_1658).descendants("24") if outlook.sees_area(area.code)]
    assert 0 < len(inside) < 10
    assert client.get(f"/figures/maps/2025-07-01/2023-09/P9/{inside[0]}/").status_code == 200


def test_an_area_that_a_map_lacks_leads_to_those_that_hold_it(loaded: Loaded) -> None:
    text = whole_province().get("/areas/216/?map_day=2025-07-01").content.decode()
    assert "Huyện Tân Yên trên bản đồ 99 xã (từ 01/07/2025) thuộc về" in text
    assert "Phường Đa Mai" in text
    outlook, _here = on(NQ_1658)
    assert moved_page(outlook, "999", []) is None


def test_shares_are_written_with_the_digits_they_have() -> None:
    assert [share_words(Decimal(text)) for text in ("1.000000", "0.028997", "0.500000")] == ["100%", "2,8997%", "50%"]
    assert share_words(None) == "—"


def test_a_second_look_asks_little(loaded: Loaded, django_assert_max_num_queries: object) -> None:
    """The map of another day costs the page no query more than its own map does, give or take the maps to choose from."""
    client = whole_province()
    client.get("/areas/?indicator=P9&map_day=2025-07-01")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        client.get("/areas/?indicator=P9&map_day=2025-07-01")
