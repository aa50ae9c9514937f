"""From what is recorded of a site to the figure M6.1."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from diem06.core.places.actions import TermValues
from diem06.core.places.models import BaseList, Place
from diem06.core.plans.queries import Loaded
from diem06.cube.board import board, forget_boards
from diem06.cube.figures import Figure
from diem06.cube.tests.by_row import explain
from diem06.pilots.heritage_sites.actions import register
from diem06.pilots.heritage_sites.actions.register import StepValues
from diem06.pilots.heritage_sites.models import SiteFact
from diem06.pilots.heritage_sites.tests.sites import AT, KEEPER, a_site, adopted, commune

JULY = "2023-07"


def m61(loaded: Loaded, window: str = JULY, **where: str) -> Figure:
    forget_boards()
    return board(loaded, window).figure("M6.1", **where)


def step(site: Place, name: str, day: date, at: datetime | None = None) -> None:
    register.record_step(site=site, values=StepValues(step=name, day=day), at=at or AT, by=None)


def test_without_a_base_list_there_is_no_evidenced_figure(loaded: Loaded) -> None:
    step(a_site(), "confirmed", date(2023, 7, 1))

    assert m61(loaded).value is None


def test_confirmed_sites_over_all_listed_sites_is_the_evidenced_figure(loaded: Loaded) -> None:
    sites = [a_site(f"chua-{number}") for number in range(4)]
    adopted(sites)
    step(sites[0], "confirmed", date(2023, 7, 1))
    step(sites[1], "installed", date(2023, 7, 1))

    figure = m61(loaded)

    assert (figure.numerator, figure.denominator) == (1, 4)
    assert figure.grade == "evidenced"
    assert {(fact.source, fact.place) for fact in explain(loaded, figure.key).facts} == {
        ("heritage_register", f"heritage_site:chua-{number}") for number in range(4)
    }


def test_figures_of_district_and_of_the_department_are_those_of_the_sites(loaded: Loaded) -> None:
    here, elsewhere = a_site("o-tri-yen"), a_site("o-tien-son", area=commune("Xã Tiên Sơn"))
    adopted([here, elsewhere])
    step(here, "confirmed", date(2023, 7, 1))

    assert m61(loaded, unit=KEEPER).denominator == 2
    assert (m61(loaded, unit="ubnd-yen-dung").numerator, m61(loaded, unit="ubnd-yen-dung").denominator) == (1, 1)
    assert m61(loaded, area=commune("Xã Tiên Sơn")).numerator == 0


def test_highest_step_counts_whatever_order_they_were_recorded_in(loaded: Loaded) -> None:
    site = a_site()
    adopted([site])
    step(site, "confirmed", date(2023, 7, 2))
    step(site, "surveyed", date(2023, 6, 20))

    assert m61(loaded).numerator == 1


def test_step_of_a_later_period_leaves_the_earlier_figure_alone(loaded: Loaded) -> None:
    site = a_site()
    adopted([site])
    later = datetime(2023, 8, 1, 9, tzinfo=AT.tzinfo)
    step(site, "confirmed", date(2023, 7, 20), at=later)

    assert m61(loaded).numerator == 0
    assert m61(loaded, "2023-08").numerator == 1


def test_withdrawn_step_leaves_the_figure_and_an_earlier_state_can_be_computed_again(loaded: Loaded) -> None:
    site = a_site()
    adopted([site])
    step(site, "confirmed", date(2023, 7, 1))
    later = AT + timedelta(days=1)
    register.correct_step(row=site.equipment_steps.get(), values=None, reason="Nhầm điểm", at=later, by=None)

    assert m61(loaded).numerator == 0
    forget_boards()
    assert board(loaded, JULY, known_at=AT).figure("M6.1").numerator == 1


def test_site_left_out_of_the_next_list_is_counted_until_then(loaded: Loaded) -> None:
    stays, goes = a_site("o-lai"), a_site("roi-di")
    adopted([stays, goes])
    adopted([stays], from_day=date(2023, 7, 20), number="13/QĐ-SVHTTDL")

    assert m61(loaded).denominator == 2
    assert m61(loaded, "2023-08").denominator == 1


def test_closed_site_is_counted_no_more(loaded: Loaded) -> None:
    stays, ends = a_site("o-lai"), a_site("het")
    adopted([stays, ends])
    register.close_place(place=ends, valid_to=date(2023, 7, 20), reason="Nhập vào di tích khác", at=AT, by=None)

    assert m61(loaded).denominator == 2
    assert m61(loaded, "2023-08").denominator == 1


def test_site_that_moves_takes_its_state_along(loaded: Loaded) -> None:
    site = a_site()
    adopted([site])
    step(site, "confirmed", date(2023, 7, 1))
    values = TermValues(name="Chùa Mẫu", area=commune("Xã Tiên Sơn"), unit=KEEPER)
    register.change_place(place=site, from_day=date(2023, 7, 20), values=values, at=AT, by=None)

    assert m61(loaded, area=commune("Xã Trí Yên")).numerator == 1
    assert m61(loaded, "2023-08", area=commune("Xã Tiên Sơn")).numerator == 1
    assert m61(loaded, "2023-08", area=commune("Xã Trí Yên")).denominator == 0


def test_merged_communes_of_2025_count_the_sites_of_the_old_ones(loaded: Loaded) -> None:
    """Trí Yên became part of the ward Tân An on 01/07/2025; nobody touched the register."""
    site = a_site()
    adopted([site])
    step(site, "confirmed", date(2023, 7, 1))
    tan_an = commune("Phường Tân An", date(2025, 7, 14))

    figure = m61(loaded, "2025-08", area=tan_an)

    assert (figure.numerator, figure.denominator) == (1, 1)
    assert m61(loaded, "2025-08").denominator == 1


def test_same_state_recorded_again_makes_no_new_fact(loaded: Loaded) -> None:
    site = a_site()
    adopted([site])
    step(site, "installed", date(2023, 7, 1))
    before = SiteFact.objects.count()
    step(site, "surveyed", date(2023, 7, 2))  # below what was reached

    assert SiteFact.objects.count() == before


def test_turn_of_the_cycle_changes_nothing_where_nothing_changed(loaded: Loaded) -> None:
    site = a_site()
    adopted([site])

    assert register.refresh_facts(at=AT + timedelta(days=1)) == 0
    SiteFact.objects.filter(value=1).update(unit="ubnd-tinh")  # as if another plan had been in use then
    assert register.refresh_facts(at=AT + timedelta(days=1)) > 0
    assert m61(loaded, unit=KEEPER).denominator == 1


def test_department_without_a_confirmed_site_has_nought_and_not_nothing(loaded: Loaded) -> None:
    adopted([a_site()])

    assert (m61(loaded, unit=KEEPER).numerator, m61(loaded, unit=KEEPER).denominator) == (0, 1)


def test_list_that_is_taken_back_leaves_the_figure_as_it_was(loaded: Loaded) -> None:
    first, second = a_site("mot"), a_site("hai")
    adopted([first, second])
    step(first, "confirmed", date(2023, 7, 1))
    adopted([first], from_day=date(2023, 7, 3), number="nham")
    assert (m61(loaded).numerator, m61(loaded).denominator) == (1, 1)

    register.take_back_list(row=BaseList.objects.get(number="nham"), reason="Chọn thiếu", at=AT, by=None)

    assert (m61(loaded).numerator, m61(loaded).denominator) == (1, 2)
