"""Saved views, the tour, and which pages are used."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.template import Context, engines
from django.urls import reverse
from django.utils import translation

from diem06.core.access import Role
from diem06.core.organisation import actions, queries, use
from diem06.core.organisation.actions import OrganisationError, give_role, save_view
from diem06.core.organisation.models import SavedView, WeeklyUse

AT = datetime(2023, 7, 13, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def an(make_person, settings):
    settings.DIEM06_CLOCK = lambda: AT
    return make_person("an", "Nguyễn Văn An")


@pytest.fixture
def keep(an):
    def kept(title="Chậm", query="standing=missed", page="indicators", **values):
        return save_view(person=an, page=page, title=title, query=query, at=AT, **{"is_default": False} | values)

    return kept


# -- saved views -----------------------------------------------------------------------------------------------------
def test_a_view_keeps_the_filter_without_period_and_page_number(keep):
    """The view of July must not show July in August."""
    assert keep(query="?period=2023-07&standing=missed&q=&page=3&sort=-gap").query == "standing=missed&sort=-gap"


def test_the_same_title_is_replaced(keep):
    keep(query="standing=missed")
    keep(query="standing=met")

    assert SavedView.objects.get().query == "standing=met"


def test_one_view_of_a_page_is_the_default(keep, an):
    keep("A", "q=a", is_default=True)
    keep("B", "q=b", is_default=True)
    keep("C", "q=c", page="reports", is_default=True)

    assert queries.default_views(an.pk) == {"indicators": "q=b", "reports": "q=c"}


@pytest.mark.parametrize(
    ("title", "query"),
    [("", "q=a"), ("  ", "q=a"), ("x" * 81, "q=a"), ("A", ""), ("A", "page=2"), ("A", "q=" + "x" * 999)],
)
def test_a_view_that_says_nothing_or_too_much_is_refused(keep, title, query):
    with pytest.raises(OrganisationError):
        keep(title, query)


def test_a_page_has_a_limited_number_of_views(keep):
    for number in range(actions.MOST_SAVED_VIEWS):
        keep(str(number))
    with pytest.raises(OrganisationError, match="nhiều nhất"):
        keep("one more")
    keep("0", "q=other")


def test_database_refuses_two_defaults(keep, an):
    keep("A", is_default=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(person=an, page="indicators", title="B", query="q=b", is_default=True)


def test_the_form_saves_and_returns_to_the_list(client, an):
    client.force_login(an)
    sent = {"page": "notices", "title": "Của tôi", "query": "?q=a", "next": "/notices/?q=a", "is_default": "1"}
    answer = client.post(reverse("view-save"), sent)

    assert (answer.status_code, answer["Location"]) == (302, "/notices/?q=a")
    assert SavedView.objects.get().is_default


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_form_leads_nowhere_else(client, an, to):
    client.force_login(an)
    answer = client.post(reverse("view-save"), {"page": "notices", "title": "A", "query": "q=a", "next": to})

    assert answer["Location"] == reverse("home")


def test_nobody_deletes_the_view_of_another(client, keep, make_person):
    view = keep()
    client.force_login(make_person("binh", "Lê Thị Bình"))

    assert client.post(reverse("view-delete", args=[view.pk])).status_code == 404
    assert SavedView.objects.exists()


def test_the_tag_lists_my_views_and_marks_the_present_one(an, keep, rf, make_person):
    keep("Chậm", "standing=missed")
    keep("Đạt", "standing=met", is_default=True)
    save_view(person=make_person("binh", "Bình"), page="indicators", title="Khác", query="q=x", is_default=False, at=AT)
    request = rf.get("/indicators/", {"standing": "met", "period": "2023-07"})
    request.user = an
    template = engines["django"].from_string("{% load saved_views %}{% saved_views 'indicators' %}")
    html = template.template.render(Context({"request": request}))

    assert "/indicators/?standing=missed" in html
    assert "Khác" not in html
    assert html.count('aria-current="true"') == 1
    assert 'name="query" value="standing=met"' in html


# -- tour ------------------------------------------------------------------------------------------------------------
def test_a_tour_that_was_seen_is_kept_with_the_person(client, an):
    client.force_login(an)
    answer = client.post(reverse("tour-seen"), {"tour": "reporter"})

    assert answer.status_code == 204
    an.refresh_from_db()
    assert an.tours_seen == ["reporter"]


def test_without_script_skipping_leads_back(client, an):
    client.force_login(an)
    answer = client.post(reverse("tour-seen"), {"tour": "reporter", "next": "/notices/"})

    assert answer["Location"] == "/notices/"


# -- use -------------------------------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def _own_data(settings, tmp_path):
    """Nothing that other tests have opened is counted here."""
    settings.DIEM06_DATA = tmp_path


def test_an_opened_page_is_counted_for_the_unit_and_not_for_the_person(client, an, units):
    give_role(user=an, role=Role.UNIT_REPORTER, unit="so-khdt", from_day=date(2023, 7, 1))
    client.force_login(an)
    for _time in range(3):
        client.get(reverse("notices"))
    client.get(reverse("notices"), headers={"HX-Request": "true"})
    client.get("/nowhere/")

    assert use.fold() == 3
    assert list(WeeklyUse.objects.values_list("unit_code", "page", "week", "count")) == [
        ("so-khdt", "notices", date(2023, 7, 10), 3)
    ]


def test_counts_of_a_week_add_up(db):
    for _fold in range(2):
        use.note(page="dashboard", unit="", on=date(2023, 7, 12))
        use.note(page="dashboard", unit="so-khdt", on=date(2023, 7, 16))
        assert use.fold() == 2

    counted = use.of_week(date(2023, 7, 10))
    assert counted.pages == [("dashboard", 4)]
    assert counted.units == [("", 2), ("so-khdt", 2)]
    assert use.fold() == 0


def test_pages_are_shown_by_what_they_are_called(db):
    """In the reader's language; pages of one name add up, one that is no more keeps its name."""
    counts = [("jobs", 3), ("job", 2), ("notices", 4), ("gone", 1)]
    with translation.override("vi"):
        assert use.in_words(counts) == [("Việc chạy nền", 5), ("Thông báo", 4), ("gone", 1)]
    with translation.override("en"):
        assert use.in_words(counts)[1] == ("Notices", 4)


def test_a_disk_that_is_full_does_not_keep_a_page_from_being_shown(client, an, monkeypatch):
    def full(*_values):
        raise OSError("No space left on device")

    monkeypatch.setattr(use.os, "open", full)
    client.force_login(an)

    assert client.get(reverse("notices")).status_code == 200
