"""All of a person's work passes to another in one step."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from diem06.core.access import Grant, Role
from diem06.core.audit.models import Entry
from diem06.core.declarations import modules_named
from diem06.core.organisation import actions, checks, handovers, queries
from diem06.core.organisation.actions import HandoverError, give_role, hand_over
from diem06.core.organisation.handover_forms import HandoverForm
from diem06.core.organisation.handovers import Part
from diem06.core.organisation.models import Handover

AT = datetime(2023, 7, 13, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
TODAY = date(2023, 7, 13)
JULY, AUGUST, SEPTEMBER = date(2023, 7, 1), date(2023, 8, 1), date(2023, 9, 1)
UNIT, OTHER_UNIT = "so-khdt", "so-tai-chinh"


@pytest.fixture
def an(make_person, units, settings):
    settings.DIEM06_CLOCK = lambda: AT
    person = make_person("an", "Nguyễn Văn An")
    give_role(user=person, role=Role.UNIT_REPORTER, unit=UNIT, from_day=JULY)
    return person


@pytest.fixture
def binh(make_person, units):
    return make_person("binh", "Lê Thị Bình")


@pytest.fixture
def head(make_person, units):
    person = make_person("cuong", "Trần Cường")
    give_role(user=person, role=Role.UNIT_HEAD, unit=UNIT, from_day=JULY)
    return person


@pytest.fixture
def administrator(make_person, units):
    person = make_person("quan", "Đỗ Quân")
    give_role(user=person, role=Role.ADMINISTRATOR, from_day=JULY)
    actions.set_totp(person, actions.new_totp_secret())
    return person


@pytest.fixture
def things(monkeypatch):
    """A made-up kind of work: {user id: {unit: how many}}."""
    owned: dict[int, dict[str, int]] = {}

    def count(person, units):
        mine = owned.get(person.pk, {})
        return sum(n for unit, n in mine.items() if units is None or unit in units)

    def take(*, from_, to, units, at, by):
        passed = count(from_, units)
        mine, theirs = owned.setdefault(from_.pk, {}), owned.setdefault(to.pk, {})
        for unit in list(mine):
            if units is None or unit in units:
                theirs[unit] = theirs.get(unit, 0) + mine.pop(unit)
        return passed

    part = Part(key="test.things", title="Việc thử", count=count, hand_over=take)
    monkeypatch.setattr(handovers, "installed_parts", lambda: iter([part]))
    return owned


def give_all(from_person, to_person, **values):
    wanted = {
        "day": AUGUST,
        "units": None,
        "with_roles": True,
        "parts": ["test.things"],
        "by": from_person.pk,
        "at": AT,
    }
    return hand_over(from_person=from_person, to_person=to_person, **wanted | values)


# -- what passes -----------------------------------------------------------------------------------------------------
def test_roles_pass_on_the_day_and_open_work_at_once(an, binh, things):
    things[an.pk] = {UNIT: 7}
    give_all(an, binh)

    role = {Grant(Role.UNIT_REPORTER, UNIT)}
    assert queries.subject_for(an, date(2023, 7, 31)).grants == role
    assert queries.subject_for(binh, date(2023, 7, 31)).grants == set()
    assert queries.subject_for(an, AUGUST).grants == set()
    assert queries.subject_for(binh, AUGUST).grants == role
    assert (things[an.pk], things[binh.pk]) == ({}, {UNIT: 7})


def test_it_is_in_the_trail_and_in_the_history(an, binh, things):
    things[an.pk] = {UNIT: 7}
    give_all(an, binh, by=binh.pk)

    entry = Entry.objects.get(action="person.hand_over")
    assert (entry.by_id, entry.object_id) == (binh.pk, str(an.pk))
    assert entry.details["parts"] == {"test.things": 7}
    past = handovers.history(None)[0]
    assert (past.from_person, past.to_person, past.parts[0]["count"]) == (an, binh, 7)
    assert past.roles == [{"role": "unit_reporter", "unit": UNIT, "area": ""}]


def test_all_passes_or_nothing(an, binh, things, monkeypatch):
    """The second of two parts fails: roles and the first part stay where they are."""

    def fail(**_values):
        raise RuntimeError

    bad = Part(key="test.bad", title="Hỏng", count=lambda *_: 1, hand_over=fail)
    good = list(handovers.installed_parts())
    monkeypatch.setattr(handovers, "installed_parts", lambda: iter([*good, bad]))
    with pytest.raises(RuntimeError):
        give_all(an, binh, parts=["test.things", "test.bad"])

    assert queries.subject_for(an, AUGUST).grants
    assert not Handover.objects.exists()


def test_only_what_is_ticked_passes(an, binh, things):
    """Work without roles: how tasks are given to somebody else in bulk."""
    things[an.pk] = {UNIT: 2}
    give_all(an, binh, with_roles=False)

    assert queries.subject_for(an, AUGUST).grants
    assert things[binh.pk] == {UNIT: 2}


def test_within_a_unit_the_rest_stays(an, binh, things):
    """A head passes what is of the unit: not roles elsewhere, not roles of the whole province."""
    give_role(user=an, role=Role.UNIT_REPORTER, unit=OTHER_UNIT, from_day=JULY)
    give_role(user=an, role=Role.AUDITOR, from_day=JULY)
    things[an.pk] = {UNIT: 2, OTHER_UNIT: 5}
    give_all(an, binh, units=[UNIT])

    assert queries.subject_for(an, AUGUST).grants == {Grant(Role.UNIT_REPORTER, OTHER_UNIT), Grant(Role.AUDITOR)}
    assert queries.subject_for(binh, AUGUST).grants == {Grant(Role.UNIT_REPORTER, UNIT)}
    assert things == {an.pk: {OTHER_UNIT: 5}, binh.pk: {UNIT: 2}}


@pytest.mark.parametrize(
    ("own", "holds"),
    [
        ((JULY, None), {AUGUST, SEPTEMBER}),
        ((JULY, SEPTEMBER), {AUGUST, SEPTEMBER}),
        ((SEPTEMBER, None), {AUGUST, SEPTEMBER}),
        ((JULY, AUGUST), {AUGUST, SEPTEMBER}),
    ],
    ids=["holds it", "holds it for a while", "will hold it", "held it until then"],
)
def test_a_role_that_the_other_holds_is_not_given_twice(an, binh, things, own, holds):
    """After it the other holds the role on every day from the first, in rows that do not overlap."""
    give_role(user=binh, role=Role.UNIT_REPORTER, unit=UNIT, from_day=own[0], to_day=own[1])
    give_all(an, binh)

    assert {day for day in (AUGUST, SEPTEMBER) if queries.subject_for(binh, day).grants} == holds
    days = sorted((row.from_day, row.to_day or date.max) for row in binh.roles.all())
    assert all(first[1] <= second[0] for first, second in pairwise(days))


def test_a_role_with_an_end_keeps_its_end(an, binh, things):
    actions.end_role(assignment=an.roles.get(), on=SEPTEMBER)
    give_all(an, binh)

    assert queries.subject_for(binh, date(2023, 8, 31)).grants
    assert not queries.subject_for(binh, SEPTEMBER).grants


def test_a_role_that_begins_later_passes_on_its_first_day(an, binh, things):
    give_role(user=an, role=Role.UNIT_HEAD, unit=OTHER_UNIT, from_day=SEPTEMBER)
    give_all(an, binh)

    assert Grant(Role.UNIT_HEAD, OTHER_UNIT) not in queries.subject_for(binh, AUGUST).grants
    assert Grant(Role.UNIT_HEAD, OTHER_UNIT) in queries.subject_for(binh, SEPTEMBER).grants


# -- what is refused -------------------------------------------------------------------------------------------------
def test_nobody_hands_over_to_themselves(an, things):
    with pytest.raises(HandoverError, match="hai người"):
        give_all(an, an)


def test_who_may_not_sign_in_takes_nothing(an, binh, things):
    actions.set_active(user=binh, is_active=False)
    with pytest.raises(HandoverError, match="ngừng hoạt động"):
        give_all(an, binh)


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=61)])
def test_the_past_and_the_far_future_are_refused(an, binh, things, day):
    with pytest.raises(HandoverError, match="Chọn ngày"):
        give_all(an, binh, day=day)


def test_where_nothing_passes_nothing_is_kept(an, binh, things):
    with pytest.raises(HandoverError, match="Không có gì"):
        give_all(binh, an)
    assert not Handover.objects.exists()


def test_nobody_takes_a_role_of_the_whole_province_for_themselves(an, administrator, things):
    """An administrator gives it to another person, not to themselves."""
    give_role(user=an, role=Role.CHAIRMAN_OFFICE, from_day=JULY)
    with pytest.raises(HandoverError, match="toàn tỉnh"):
        give_all(an, administrator, by=administrator.pk)
    assert Grant(Role.CHAIRMAN_OFFICE) in queries.subject_for(an, AUGUST).grants


def test_database_refuses_a_handover_to_oneself(an):
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.create(from_person=an, to_person=an, day=TODAY, at=AT, by=an)


# -- the page --------------------------------------------------------------------------------------------------------
def test_the_preview_counts_and_changes_nothing(client, an, binh, administrator, things):
    things[an.pk] = {UNIT: 7}
    client.force_login(administrator)
    asked = {"from_person": an.pk, "to_person": binh.pk, "day": "2023-08-01"}
    page = client.get(reverse("handover"), asked).content.decode()

    assert "1 vai trò, chuyển từ 01/08/2023" in page
    assert 'Việc thử: <b class="tnum">7</b>' in page
    assert things == {an.pk: {UNIT: 7}}

    answer = client.post(reverse("handover"), asked | {"roles": "1", "parts": "test.things"}, follow=True)
    assert "Đã chuyển việc của Nguyễn Văn An cho Lê Thị Bình." in answer.content.decode()
    assert things[binh.pk] == {UNIT: 7}
    assert "Việc thử: 7" in answer.content.decode(), "the history shows it"


def test_a_head_finds_only_people_of_the_unit_and_newcomers(client, an, binh, head, make_person, things):
    stranger = make_person("dung", "Phạm Dung")
    give_role(user=stranger, role=Role.UNIT_REPORTER, unit=OTHER_UNIT, from_day=JULY)
    client.force_login(head)
    form = client.get(reverse("handover")).context["form"]

    assert set(form.fields["from_person"].queryset) == {an, head}
    assert set(form.fields["to_person"].queryset) == {an, head, binh}


def test_a_head_cannot_reach_beyond_the_unit(client, an, binh, head, make_person, things):
    """A posted id of another unit's person is refused by the form."""
    stranger = make_person("dung", "Phạm Dung")
    give_role(user=stranger, role=Role.UNIT_REPORTER, unit=OTHER_UNIT, from_day=JULY)
    client.force_login(head)
    client.post(
        reverse("handover"), {"from_person": stranger.pk, "to_person": binh.pk, "day": "2023-08-01", "roles": "1"}
    )

    assert not Handover.objects.exists()
    assert queries.subject_for(stranger, AUGUST).grants


def test_the_fault_of_a_handover_stands_on_the_page(client, an, binh, administrator, things):
    client.force_login(administrator)
    sent = {"from_person": an.pk, "to_person": binh.pk, "day": "2023-07-01", "roles": "1"}
    answer = client.post(reverse("handover"), sent)

    assert "Chọn ngày từ hôm nay" in answer.content.decode()


# -- declared parts --------------------------------------------------------------------------------------------------
def test_installed_parts_are_whole():
    assert checks.handed_over_parts_are_whole() == []


def test_two_parts_of_one_key_are_a_fault(monkeypatch, things):
    part = next(handovers.installed_parts())
    monkeypatch.setattr(checks, "installed_parts", lambda: iter([part, part]))

    assert [fault.id for fault in checks.handed_over_parts_are_whole()] == ["organisation.E002"]


def test_an_app_that_declares_no_part_is_a_fault(monkeypatch):
    monkeypatch.delattr(next(modules_named("handover")), "PARTS")

    assert [fault.id for fault in checks.handed_over_parts_are_whole()] == ["organisation.E001"]


def test_the_form_says_so_before_anything_is_shown_to_pass(an, binh, things):
    """Handing over to oneself is refused at the preview, beside the field, not at the confirmation."""
    typed = {"from_person": an.pk, "to_person": an.pk, "day": "2024-06-15"}
    form = HandoverForm(typed, units=None, today=date(2024, 6, 15))
    assert form.errors == {"to_person": ["Chọn hai người khác nhau."]}
    assert HandoverForm({**typed, "to_person": binh.pk}, units=None, today=date(2024, 6, 15)).is_valid()
