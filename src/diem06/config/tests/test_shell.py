"""The frame of a page: menu with saved filters and keys, bell, tour."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import translation

from diem06.config.tour import tour_of
from diem06.core.access import Grant, Role, Subject
from diem06.core.organisation.actions import add_person, give_role, save_view
from tests.prepared import real_plan

AT = datetime(2023, 7, 13, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
UNIT = "ubnd-tan-yen"


@pytest.fixture(scope="module")
def plan(prepared):
    return real_plan(prepared, at=AT)


@pytest.fixture
def reporter(plan, db, settings):
    settings.DIEM06_CLOCK = lambda: AT
    person = add_person(username="an", full_name="Nguyễn Văn An", password="con-suoi-xanh-7")
    give_role(user=person, role=Role.UNIT_REPORTER, unit=UNIT, from_day=date(2023, 6, 15))
    return person


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("role", list(Role))
def test_each_role_has_a_tour_of_at_most_four_short_steps(role, language):
    """A title, a text of two sentences or three, something on the page that it speaks of."""
    subject = Subject(1, "", frozenset({Grant(role, UNIT)}))
    with translation.override(language):
        tour = tour_of(subject, path="/", home="/", seen=(), is_asked=False)

    assert tour is not None
    assert 1 <= len(tour.steps) <= 4
    for step in tour.steps:
        assert len(step.title.split()) <= 10
        assert len(step.text.split()) <= 40
        assert step.target in {"bell", "help"} or step.target.startswith("/")


def test_who_has_no_role_has_no_tour():
    assert tour_of(Subject(1), path="/", home="/", seen=(), is_asked=True) is None


def test_a_tour_leads_only_to_pages_in_the_menu_of_its_role(client, reporter):
    client.force_login(reporter)
    shell = client.get(reverse("my-work")).context["shell"]
    menu = {item.url for item in shell.menu}

    assert {step.target for step in shell.tour.steps} <= menu | {"bell", "help"}


def test_a_tour_is_offered_where_work_begins_until_it_was_seen(client, reporter):
    client.force_login(reporter)
    offer = "tour-offer"

    assert offer in client.get(reverse("my-work")).content.decode()
    assert offer not in client.get(reverse("indicators")).content.decode()
    client.post(reverse("tour-seen"), {"tour": "reporter"})
    assert offer not in client.get(reverse("my-work")).content.decode()
    assert 'id="tour"' in client.get(reverse("my-work") + "?tour=1").content.decode(), (
        "it is there again when asked for"
    )


def test_without_script_the_help_page_holds_the_steps_and_the_keys(client, reporter):
    client.force_login(reporter)
    page = client.get(reverse("help")).content.decode()

    assert "Gõ số, nhấn Enter" in page
    assert '<kbd class="kbd">g</kbd> <kbd class="kbd">w</kbd>' in page


def test_the_help_page_leads_to_the_handover_only_those_who_may(client, reporter):
    client.force_login(reporter)
    assert reverse("handover") not in client.get(reverse("help")).content.decode()
    give_role(user=reporter, role=Role.UNIT_HEAD, unit=UNIT, from_day=date(2023, 6, 15))
    assert reverse("handover") in client.get(reverse("help")).content.decode()


def test_the_menu_leads_to_the_default_filter(client, reporter):
    save_view(person=reporter, page="indicators", title="A", query="standing=missed", is_default=True, at=AT)
    client.force_login(reporter)
    shell = client.get(reverse("my-work")).context["shell"]

    assert "/indicators/?standing=missed" in [item.url for item in shell.menu]
    assert client.get("/indicators/", {"standing": "missed"}).status_code == 200


def test_keys_of_the_menu_are_told_apart(client, reporter):
    """Two entries with one letter: one of them could not be reached."""
    give_role(user=reporter, role=Role.AUDITOR, from_day=date(2023, 6, 15))
    from diem06.core.organisation.actions import new_totp_secret, set_totp

    set_totp(reporter, new_totp_secret())
    client.force_login(reporter)
    keys = [item.key for item in client.get(reverse("help")).context["shell"].menu]

    assert len(set(keys) | {"n", "h"}) == len(keys) + 2
