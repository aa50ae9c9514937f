"""People, their order, their roles."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from diem06.config import settings as product_settings
from diem06.core.access import ANONYMOUS, Grant, Role
from diem06.core.audit.models import Entry
from diem06.core.organisation import actions, queries
from diem06.core.organisation.actions import OrganisationError, end_role, give_role
from diem06.core.organisation.models import RoleAssignment, User

MAY, JULY, AUGUST, SEPTEMBER = (date(2023, month, 1) for month in (5, 7, 8, 9))


# -- people ----------------------------------------------------------------------------------------------------------
def test_a_person_is_added_with_a_name_a_hashed_password_and_an_entry(make_person, settings):
    """With the product's own hashers, not the quick ones of the tests."""
    settings.PASSWORD_HASHERS = product_settings.PASSWORD_HASHERS
    person = make_person("an", "  Nguyễn  Văn An ", by=3)

    assert person.full_name == "Nguyễn Văn An"
    assert person.password.startswith("argon2")
    entry = Entry.objects.get(action="person.add")
    assert (entry.by_id, entry.object_id) == (3, str(person.pk))
    assert "suoi" not in str(entry.details)


@pytest.mark.parametrize("username", ["An", "nguyễn", "a", "an văn", "-an", "an\n"])
def test_user_names_are_plain(make_person, username):
    with pytest.raises(ValidationError):
        make_person(username)
    assert not User.objects.exists()


def test_a_user_name_is_given_once(make_person):
    make_person("an")

    with pytest.raises(ValidationError):
        make_person("an")


@pytest.mark.parametrize("password", ["short", "password123", "nguyenvanbinh"])
def test_weak_passwords_are_refused(db, password):
    with pytest.raises(ValidationError):
        actions.add_person(username="nguyenvanbinh", full_name="Nguyễn Văn Bình", password=password)


def test_everybody_stands_in_the_order_of_given_names(make_person):
    """An before Ánh before Đạt; the surname decides between two An."""
    for username, name in (("a1", "Trần Văn An"), ("d1", "Lê Đạt"), ("a2", "Nguyễn Thị An"), ("a3", "Bùi Ánh")):
        make_person(username, name)

    assert [person.full_name for person in User.objects.all()] == ["Nguyễn Thị An", "Trần Văn An", "Bùi Ánh", "Lê Đạt"]


def test_a_corrected_name_moves_the_person(make_person):
    make_person("a1", "Trần Văn An")
    moved = make_person("a2", "Nguyễn Thị Bình")
    actions.rename_person(user=moved, full_name="Nguyễn Thị An", by=1)

    assert [person.full_name for person in User.objects.all()] == ["Nguyễn Thị An", "Trần Văn An"]
    assert Entry.objects.get(action="person.rename").details == {"from": "Nguyễn Thị Bình", "to": "Nguyễn Thị An"}


# -- roles -----------------------------------------------------------------------------------------------------------
def test_a_role_holds_from_its_first_day_until_before_its_end(make_person, units):
    person = make_person()
    give_role(user=person, role=Role.UNIT_HEAD, unit="so-khdt", from_day=JULY, to_day=AUGUST)

    grant = {Grant(Role.UNIT_HEAD, "so-khdt")}
    assert queries.subject_for(person, date(2023, 6, 30)).grants == set()
    assert queries.subject_for(person, JULY).grants == grant
    assert queries.subject_for(person, date(2023, 7, 31)).grants == grant
    assert queries.subject_for(person, AUGUST).grants == set()


def test_who_is_not_active_is_nobody(make_person, units):
    person = make_person()
    give_role(user=person, role=Role.AUDITOR, from_day=JULY)
    actions.set_active(user=person, is_active=False)

    assert queries.subject_for(person, JULY) == ANONYMOUS
    assert queries.people_of("so-khdt", JULY) == []


def test_ending_a_role(make_person, units):
    person = make_person()
    given = give_role(user=person, role=Role.AUDITOR, from_day=JULY)
    end_role(assignment=given, on=AUGUST, by=9)

    assert queries.subject_for(person, date(2023, 7, 31)).has(Role.AUDITOR)
    assert not queries.subject_for(person, AUGUST).has(Role.AUDITOR)
    assert Entry.objects.get(action="role.end").details["to"] == "2023-08-01"
    with pytest.raises(OrganisationError, match="cannot end earlier"):
        end_role(assignment=given, on=MAY)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"role": Role.UNIT_HEAD}, "name the unit"),
        ({"role": Role.UNIT_REPORTER, "unit": "no-such"}, "There is no unit no-such on 2023-07-01"),
        ({"role": Role.UNIT_HEAD, "unit": "ubnd-tx-viet-yen"}, "There is no unit ubnd-tx-viet-yen on 2023-07-01"),
        ({"role": Role.AUDITOR, "area": "27"}, "There is no area 27 on 2023-07-01"),
        ({"role": Role.AUDITOR, "to_day": JULY}, "must end after it begins"),
    ],
)
def test_roles_that_do_not_fit_are_refused(make_person, units, values, fault):
    with pytest.raises(OrganisationError, match=fault):
        give_role(user=make_person(), from_day=JULY, **values)


def test_the_same_role_is_not_given_twice_for_a_day(make_person, units):
    person = make_person()
    give_role(user=person, role=Role.AUDITOR, from_day=JULY, to_day=AUGUST)

    with pytest.raises(OrganisationError, match="already"):
        give_role(user=person, role=Role.AUDITOR, from_day=date(2023, 7, 15))
    give_role(user=person, role=Role.AUDITOR, from_day=AUGUST)
    give_role(user=person, role=Role.AUDITOR, from_day=MAY, to_day=JULY)

    assert person.roles.count() == 3


def test_the_database_refuses_a_reporter_without_a_unit(make_person):
    with pytest.raises(IntegrityError):
        RoleAssignment.objects.create(user=make_person(), role="unit_reporter", from_day=JULY)


def test_people_of_a_unit_by_given_name(make_person, units):
    yen, an = make_person("yen", "Lê Thị Yến"), make_person("an", "Vũ Văn An")
    give_role(user=yen, role=Role.UNIT_HEAD, unit="so-khdt", from_day=JULY)
    give_role(user=an, role=Role.UNIT_REPORTER, unit="so-khdt", from_day=AUGUST)

    assert [person.full_name for person in queries.people_of("so-khdt", SEPTEMBER)] == ["Vũ Văn An", "Lê Thị Yến"]
    assert [person.role for person in queries.people_of("so-khdt", JULY)] == [Role.UNIT_HEAD]


def test_a_role_does_not_pass_to_the_successor_of_a_unit(make_person, units):
    """Who works in the successor is decided anew; the old unit's reports stay open to its people."""
    person = make_person()
    give_role(user=person, role=Role.UNIT_HEAD, unit="ubnd-viet-yen", from_day=JULY)

    assert queries.subject_for(person, date(2024, 2, 14)).units == {"ubnd-viet-yen"}


def test_a_subject_costs_one_query(make_person, units, django_assert_num_queries):
    person = make_person()
    with django_assert_num_queries(1):
        queries.subject_for(person, JULY)
