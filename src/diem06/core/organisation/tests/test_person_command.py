"""`diem06 person`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from diem06.core.organisation import queries
from diem06.core.organisation.models import User


def run(*words):
    out = StringIO()
    call_command("person", *words, stdout=out)
    return out.getvalue()


def test_adding_a_person_prints_a_password_that_works(db):
    text = run("add", "an", "Nguyễn Văn An")

    assert User.objects.get(username="an").check_password(text.split("Password: ")[1].strip())


def test_a_password_from_the_standard_input_is_not_printed(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("con-suoi-xanh-7\n"))
    text = run("add", "an", "Nguyễn Văn An", "--password-stdin")

    assert "Password" not in text
    assert User.objects.get(username="an").check_password("con-suoi-xanh-7")


def test_roles_are_given_listed_and_ended(units, make_person):
    make_person("an")
    run("role", "an", "unit_head", "--unit", "so-tai-chinh", "--from", "2023-07-01")
    assert "an\tNguyễn Văn An\tunit_head so-tai-chinh" in run("list")

    run("role", "an", "unit_head", "--unit", "so-tai-chinh", "--end", "2023-08-01")
    assert "an\tNguyễn Văn An\t-" in run("list")


def test_a_province_wide_role_tells_of_the_second_factor(units, make_person):
    make_person("an")

    assert "second factor" in run("role", "an", "auditor")


def test_the_second_factor_is_set_and_removed(make_person):
    person = make_person("an")
    secret, url = run("totp", "an").split()

    assert url == f"otpauth://totp/an?secret={secret}&issuer=diem06"
    assert queries.has_totp(person)
    run("totp", "an", "--remove")
    assert not queries.has_totp(person)


def test_a_new_password_and_a_closed_account(make_person):
    person = make_person("an")
    password = run("password", "an").split("Password: ")[1].strip()
    run("active", "an", "no")
    person.refresh_from_db()

    assert person.check_password(password)
    assert not person.is_active
    assert "(not active)" in run("list")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("role", "nobody", "auditor"), "Nobody has the user name nobody"),
        (("role", "an", "unit_head"), "name the unit"),
        (("role", "an", "auditor", "--end", "2023-08-01"), "does not hold auditor"),
        (("add", "an", "Nguyễn Văn An"), "username|User"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_says_why(make_person, words, fault):
    make_person("an")

    with pytest.raises(CommandError, match=fault) as stop:
        run(*words)
    assert stop.value.returncode == 2


def test_units_are_listed(units):
    assert "bn-ubnd\tỦy ban nhân dân tỉnh Bắc Ninh" in run("units") or "so-tai-chinh" in run("units")
