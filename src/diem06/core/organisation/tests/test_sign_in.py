"""Signing in: passwords, one-time codes, what is refused, what is kept in the trail."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.urls import NoReverseMatch, reverse

from diem06.core.access import Role
from diem06.core.audit.models import Entry
from diem06.core.organisation import actions, queries
from diem06.core.organisation.tests.conftest import PASSWORD

LONG_AGO = date(2020, 1, 1)


@pytest.fixture(autouse=True)
def _no_attempts_yet(db):
    cache.clear()


@pytest.fixture
def reporter(make_person, units):
    person = make_person("an", "Nguyễn Văn An")
    actions.give_role(user=person, role=Role.UNIT_REPORTER, unit="so-khdt", from_day=date(2023, 7, 1))
    return person


@pytest.fixture
def auditor(make_person):
    person = make_person("chi", "Lê Thị Chi")
    actions.give_role(user=person, role=Role.AUDITOR, from_day=LONG_AGO)
    return person


def sign_in(client, username, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": username, "password": password})


def code_of(person, *, later=timedelta()):
    return queries.totp_code(person, datetime.now(UTC) + later)


def is_signed_in(client):
    return "_auth_user_id" in client.session


def actions_kept():
    return list(Entry.objects.order_by("pk").values_list("action", flat=True))


# -- password --------------------------------------------------------------------------------------------------------
def test_a_reporter_signs_in_by_password_alone(client, reporter):
    response = sign_in(client, "an")

    assert response.url == reverse("home")
    assert client.get(reverse("account")).status_code == 200
    assert actions_kept()[-1] == "sign_in.success"


def test_after_signing_in_one_comes_back_to_the_page_that_was_asked_for(client, reporter):
    asked = client.get(reverse("account"))
    assert parse_qs(urlsplit(asked.url).query)["next"] == [reverse("account")]

    response = client.post(asked.url, {"login": "an", "password": PASSWORD, "next": reverse("account")})

    assert response.url == reverse("account")


def test_nobody_is_sent_to_another_host(client, reporter):
    response = client.post(
        reverse("account_login"), {"login": "an", "password": PASSWORD, "next": "https://example.org/"}
    )

    assert response.url == reverse("home")


@pytest.mark.parametrize(("username", "password"), [("an", "wrong-password"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_look_the_same(client, reporter, username, password):
    response = sign_in(client, username, password)

    assert "Tên đăng nhập hoặc mật khẩu không đúng." in response.content.decode()
    assert not is_signed_in(client)


def test_a_failure_is_kept_for_known_names_only(client, reporter):
    """People type passwords into the wrong field: what is no user name is not written down."""
    sign_in(client, "my-secret-password")
    assert "sign_in.failure" not in actions_kept()

    sign_in(client, "an", "wrong-password")
    entry = Entry.objects.get(action="sign_in.failure")
    assert (entry.by_id, entry.object_id) == (None, str(reporter.pk))


def test_guessing_is_slowed_down(client, reporter):
    """After five wrong passwords even the right one is refused for a while."""
    for _ in range(5):
        sign_in(client, "an", "wrong-password")

    response = sign_in(client, "an")

    assert "Bạn thử quá nhiều lần" in response.content.decode()
    assert not is_signed_in(client)


def test_guesses_are_counted_in_the_database_for_all_workers(client, reporter):
    """A count in one worker's memory would let as many more guesses through as there are workers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM shared_cache")
        before = cursor.fetchone()[0]
        sign_in(client, "an", "wrong-password")
        cursor.execute("SELECT cache_key FROM shared_cache")
        keys = [row[0] for row in cursor.fetchall()]

    assert before == 0
    assert any("login_failed" in key for key in keys), keys


def test_who_is_not_active_cannot_sign_in_and_an_open_session_ends(client, reporter):
    sign_in(client, "an")
    actions.set_active(user=reporter, is_active=False)

    assert client.get(reverse("account")).status_code == 302
    client.cookies.clear()
    assert sign_in(client, "an").url == reverse("account_inactive")
    assert not is_signed_in(client)


def test_a_new_password_ends_other_sessions(client, reporter):
    sign_in(client, "an")
    actions.set_password(user=reporter, password="another-river-8")

    assert client.get(reverse("account")).status_code == 302


def test_changing_ones_own_password(client, reporter):
    sign_in(client, "an")
    url = reverse("account_change_password")
    new = {"oldpassword": PASSWORD, "password1": "another-river-8", "password2": "another-river-8"}

    wrong = client.post(url, new | {"oldpassword": "wrong"})
    assert "Mật khẩu hiện tại không đúng." in wrong.content.decode()
    short = client.post(url, new | {"password1": "ngắn", "password2": "ngắn"}).content.decode()
    assert "Mật khẩu quá ngắn: cần ít nhất 10 ký tự." in short
    unlike = client.post(url, new | {"password2": "another-river-9"}).content.decode()
    assert "Hai lần nhập mật khẩu mới không giống nhau." in unlike
    assert client.post(url, new).url == reverse("account")

    reporter.refresh_from_db()
    assert reporter.check_password("another-river-8")
    assert is_signed_in(client)
    entry = Entry.objects.get(action="person.password")
    assert entry.by_id == reporter.pk


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_email", "account_set_password"])
def test_there_is_no_sign_up_and_no_mail(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_signing_out(client, reporter):
    sign_in(client, "an")

    assert client.get(reverse("account_logout")).status_code == 200
    assert is_signed_in(client)
    assert client.post(reverse("account_logout")).url == reverse("account_login")
    assert not is_signed_in(client)


# -- second factor ---------------------------------------------------------------------------------------------------
def test_who_sees_the_province_sets_up_a_second_factor_before_anything_else(client, auditor):
    sign_in(client, "chi")

    for name in ("account", "account_change_password", "mfa_view_recovery_codes"):
        response = client.get(reverse(name))
        assert (response.status_code, response.url) == (302, reverse("mfa_activate_totp")), name
    assert client.get(reverse("account"), headers={"HX-Request": "true"}).status_code == 403
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_a_role_given_during_a_session_asks_for_the_second_factor_at_once(client, reporter):
    sign_in(client, "an")
    assert client.get(reverse("account")).status_code == 200

    actions.give_role(user=reporter, role=Role.STANDING_OFFICE, from_day=LONG_AGO)

    assert client.get(reverse("account")).url == reverse("mfa_activate_totp")


def test_setting_up_a_second_factor(client, auditor):
    """The page shows the secret and its picture; the app's code switches it on, and recovery codes follow."""
    sign_in(client, "chi")
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = client.session["mfa.totp.secret"]

    assert secret in page
    assert '<svg role="img" aria-label="Mã QR để quét bằng ứng dụng xác thực"' in page
    # The content security policy lets no data: picture in and no inline style.
    assert "data:" not in page
    assert not re.search(r"\sstyle=", page)
    assert "<?xml" not in page

    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "Mã không đúng" in wrong.content.decode()

    response = client.post(reverse("mfa_activate_totp"), {"code": _code(secret)})
    assert response.url == reverse("mfa_view_recovery_codes")
    assert "Còn 10 trên 10 mã." in client.get(response.url).content.decode()
    assert client.get(reverse("account")).status_code == 200
    assert Entry.objects.filter(action="totp.set", by_id=auditor.pk).count() == 1


def _code(secret):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(datetime.now(UTC).timestamp()) // 30))


def test_the_code_is_asked_for_after_the_password(client, auditor):
    actions.set_totp(auditor, actions.new_totp_secret())

    assert sign_in(client, "chi").url == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    assert client.get(reverse("account")).status_code == 302
    assert "Mã không đúng" in client.post(reverse("mfa_authenticate"), {"code": "123"}).content.decode()
    response = client.post(reverse("mfa_authenticate"), {"code": code_of(auditor)})

    assert response.url == reverse("home")
    assert client.get(reverse("account")).status_code == 200


def test_a_code_works_once(client, auditor):
    actions.set_totp(auditor, actions.new_totp_secret())
    code = code_of(auditor)
    sign_in(client, "chi")
    client.post(reverse("mfa_authenticate"), {"code": code})
    client.post(reverse("account_logout"))
    sign_in(client, "chi")
    client.post(reverse("mfa_authenticate"), {"code": code})

    assert not is_signed_in(client)


def test_an_old_code_does_not_work(client, auditor):
    actions.set_totp(auditor, actions.new_totp_secret())
    sign_in(client, "chi")
    client.post(reverse("mfa_authenticate"), {"code": code_of(auditor, later=timedelta(minutes=-5))})

    assert not is_signed_in(client)


def test_codes_are_those_of_rfc_6238(make_person):
    """Appendix B of the RFC, its last six digits: the secret 12345678901234567890 at 59 s and at 1111111109 s."""
    person = make_person()
    actions.set_totp(person, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")

    assert queries.totp_code(person, datetime.fromtimestamp(59, UTC)) == "287082"
    assert queries.totp_code(person, datetime.fromtimestamp(1111111109, UTC)) == "081804"


def test_the_secret_lies_encrypted_and_survives_a_new_secret_key(make_person, settings):
    person = make_person()
    actions.set_totp(person, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    assert "GEZDGNBV" not in str(Authenticator.objects.get(user=person).data)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert queries.totp_code(person, datetime.fromtimestamp(59, UTC)) == "287082"


@pytest.mark.parametrize("secret", ["", "not base 32!", "GEZDGNBV"])
def test_a_weak_secret_is_refused(make_person, secret):
    with pytest.raises(actions.OrganisationError, match="base 32"):
        actions.set_totp(make_person(), secret)


def test_who_must_have_a_second_factor_cannot_switch_it_off(client, auditor):
    actions.set_totp(auditor, actions.new_totp_secret())
    sign_in(client, "chi")
    client.post(reverse("mfa_authenticate"), {"code": code_of(auditor)})

    response = client.post(reverse("mfa_deactivate_totp"))

    assert "bắt buộc dùng mã xác thực" in response.content.decode()
    assert queries.has_totp(auditor)


def test_a_reporter_may_switch_theirs_off(client, reporter):
    actions.set_totp(reporter, actions.new_totp_secret())
    sign_in(client, "an")
    client.post(reverse("mfa_authenticate"), {"code": code_of(reporter)})
    client.post(reverse("mfa_deactivate_totp"))

    assert not queries.has_totp(reporter)
    assert actions_kept()[-1] == "totp.remove"


def test_later_in_a_session_the_password_is_asked_for_again(client, reporter):
    """Who finds an unlocked screen cannot change how its owner signs in."""
    sign_in(client, "an")
    session = client.session
    session["account_authentication_methods"][-1]["at"] -= 3600
    session.save()

    asked = client.get(reverse("mfa_activate_totp"))
    assert urlsplit(asked.url).path == reverse("account_reauthenticate")
    assert "Mật khẩu không đúng." in client.post(asked.url, {"password": "wrong"}).content.decode()
    confirmed = client.post(asked.url, {"password": PASSWORD, "next": reverse("mfa_activate_totp")})
    assert confirmed.url == reverse("mfa_activate_totp")
    assert client.get(confirmed.url).status_code == 200


# -- the person's page -----------------------------------------------------------------------------------------------
def test_the_page_names_the_person_and_their_roles(client, reporter):
    sign_in(client, "an")
    page = client.get(reverse("account")).content.decode()

    assert "<h1>Nguyễn Văn An</h1>" in page
    assert "Cán bộ báo cáo của đơn vị" in page
    assert "Mã xác thực: chưa bật" in page


def test_the_language_is_kept_for_the_next_machine(client, reporter):
    sign_in(client, "an")
    client.post(reverse("set_language"), {"language": "en", "next": reverse("account")})
    assert "Roles today" in client.get(reverse("account")).content.decode()

    client.cookies.clear()
    sign_in(client, "an")

    assert "Roles today" in client.get(reverse("account")).content.decode()
    assert Entry.objects.filter(action="person.language", by_id=reporter.pk).count() == 1


def test_nothing_is_asked_about_a_visitor(client, django_assert_max_num_queries):
    """The person and the roles are read only when a rule or a page needs them."""
    with django_assert_max_num_queries(5) as queries_made:
        assert client.get(reverse("account_inactive")).status_code == 200

    assert not [each["sql"] for each in queries_made if "organisation_" in each["sql"] or "session" in each["sql"]]


@pytest.mark.parametrize("name", ["account", "home", "mfa_activate_totp", "mfa_view_recovery_codes"])
def test_strangers_are_sent_to_sign_in(client, name):
    assert client.get(reverse(name)).url.startswith(reverse("account_login"))


def test_a_telephone_that_is_half_a_minute_off_gets_in(client, make_person):
    """The code before and the code after are taken; older ones are not (see above)."""
    from diem06.config.settings import MFA_TOTP_TOLERANCE

    assert MFA_TOTP_TOLERANCE == 1
    person = make_person()
    actions.set_totp(person, actions.new_totp_secret())
    client.post(reverse("account_login"), {"login": "an", "password": PASSWORD})
    early = queries.totp_code(person, datetime.now(UTC) + timedelta(seconds=queries.TOTP_SECONDS))
    answer = client.post(reverse("mfa_authenticate"), {"code": early})

    assert answer.status_code == 302


def test_many_people_behind_one_address_get_in(client, make_person):
    """Forty sign-ins from one address within a minute, as on the morning of a deadline."""
    make_person()
    for _person in range(40):
        client.logout()
        assert client.post(reverse("account_login"), {"login": "an", "password": PASSWORD}).status_code == 302
