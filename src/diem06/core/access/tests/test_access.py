"""The rule layer: who is let in, who is sent to sign in, who is refused."""

import sys
from types import ModuleType
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import include, path
from django.views import View

from diem06.core import access
from diem06.core.access import ANONYMOUS, Grant, Role, Scope, Subject, checks

REPORTER = Subject(1, "An", frozenset({Grant(Role.UNIT_REPORTER, "so-y-te")}))
HEAD = Subject(2, "Bình", frozenset({Grant(Role.UNIT_HEAD, "so-tu-phap")}))
AUDITOR = Subject(3, "Chi", frozenset({Grant(Role.AUDITOR)}))
NEWCOMER = Subject(4, "Dung")
POLICE = Subject(5, "Em", frozenset({Grant(Role.STANDING_OFFICE, "cong-an-tinh")}))


@pytest.fixture(autouse=True)
def _sign_in_page(settings):
    settings.LOGIN_URL = "/accounts/login/"


def page(request, **kwargs):
    return HttpResponse("page")


def answer(rule, subject, *, method="get", headers=None, **kwargs):
    request = getattr(RequestFactory(), method)("/somewhere/?a=1", headers=headers)
    request.subject = subject
    return access.rule(rule)(page)(request, **kwargs)


def is_let_in(rule, subject, **kwargs):
    try:
        return answer(rule, subject, **kwargs).status_code == 200
    except PermissionDenied:
        return False


@pytest.mark.parametrize(
    ("rule", "let_in"),
    [
        (access.anyone, {ANONYMOUS, REPORTER, HEAD, AUDITOR, NEWCOMER, POLICE}),
        (access.signed_in, {REPORTER, HEAD, AUDITOR, NEWCOMER, POLICE}),
        (access.with_role, {REPORTER, HEAD, AUDITOR, POLICE}),
        (access.province_wide, {AUDITOR, POLICE}),
        (access.only(Role.UNIT_HEAD, Role.AUDITOR), {HEAD, AUDITOR}),
        (access.own_unit("unit"), {REPORTER, AUDITOR, POLICE}),
        (access.of_unit("unit"), {REPORTER}),
        (access.of_unit("unit", Role.UNIT_HEAD), set()),
        (access.operator, set()),
    ],
    ids=lambda value: access.name_of(value) if callable(value) else "",
)
def test_each_rule_lets_in_exactly_whom_it_names(rule, let_in):
    """For the URL of the Department of Health, each rule lets in these people and nobody else."""
    everybody = {ANONYMOUS, REPORTER, HEAD, AUDITOR, NEWCOMER, POLICE}

    assert {subject for subject in everybody if is_let_in(rule, subject, unit="so-y-te")} == let_in


def test_a_rule_that_forgets_to_ask_who_signed_in_lets_nobody_in_from_the_street():
    """Only `anyone` itself admits a person who has not signed in."""
    assert answer(lambda subject, **url: True, ANONYMOUS).status_code == 302


def test_who_has_not_signed_in_is_sent_to_sign_in_and_comes_back():
    response = answer(access.signed_in, ANONYMOUS)

    assert response.url == "/accounts/login/?next=%2Fsomewhere%2F%3Fa%3D1"


def test_a_form_sent_after_the_session_ended_does_not_come_back_to_a_url_that_only_takes_forms():
    response = answer(access.signed_in, ANONYMOUS, method="post")

    assert response.url == "/accounts/login/"


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"Accept": "application/json"}])
def test_htmx_and_json_get_401_so_that_a_half_typed_form_stays(headers):
    response = answer(access.signed_in, ANONYMOUS, headers=headers)

    assert response.status_code == 401
    assert "Location" not in response
    assert "Đăng nhập lại" in response.content.decode("unicode_escape" if "Accept" in headers else "utf-8")


def test_check_refuses_with_its_reason():
    with pytest.raises(PermissionDenied, match="Kỳ đã khóa"):
        access.check(False, "Kỳ đã khóa")
    access.check(True, "Kỳ đã khóa")


def test_scope_is_the_province_or_the_own_unit_and_never_empty():
    """Without a role there is no scope at all: an empty one could be read as the whole province."""
    assert AUDITOR.scope == Scope(None)
    assert REPORTER.scope == Scope("so-y-te")
    for subject in (ANONYMOUS, NEWCOMER):
        with pytest.raises(PermissionDenied):
            _ = subject.scope


def test_scope_of_another_unit_is_refused():
    two = Subject(9, "Giang", frozenset({Grant(Role.UNIT_REPORTER, "b"), Grant(Role.UNIT_HEAD, "a")}))

    assert two.scope == Scope("a")
    assert two.scope_of("b") == Scope("b")
    assert two.units_as(Role.UNIT_REPORTER) == {"b"}
    with pytest.raises(PermissionDenied):
        two.scope_of("c")


def test_a_province_wide_person_does_not_act_for_the_units_that_they_read():
    """An auditor reads every unit and fills in no form."""
    assert AUDITOR.is_province_wide
    assert AUDITOR.units_as(Role.UNIT_HEAD, Role.UNIT_REPORTER) == frozenset()


# -- URLs ------------------------------------------------------------------------------------------------------------
class Classy(View):
    def get(self, request):
        return HttpResponse("classy")


def _urlconf(name, patterns):
    module = ModuleType(name)
    module.urlpatterns = patterns  # type: ignore[attr-defined]
    sys.modules[name] = module
    return name


def foreign(request, key=""):
    return HttpResponse(f"foreign {key}")


FOREIGN: Any = (
    [path("a/<key>/", foreign, name="a"), path("deep/", include([path("b/", foreign, name="b")]))],
    "outside",
)
HOUSE = _urlconf(
    "test_access_urls",
    [
        path("open/", access.rule(access.anyone)(page), name="open"),
        path("unit/<unit>/", access.rule(access.own_unit("unit"))(page), name="unit"),
        path("classy/", access.rule(access.signed_in)(Classy.as_view())),
        path("foreign/", access.ruled(include(FOREIGN), access.province_wide)),
        path("one/", access.ruled(foreign, access.anyone), name="one"),
        path("forgotten/", include([path("page/", page, name="forgotten")])),
    ],
)


def test_every_url_is_listed_with_its_rule():
    """Includes, namespaces, classes and views of other packages included; the URL without a rule too."""
    rows = {(url.route, url.name, url.rule_name) for url in access.urls_with_rules(HOUSE)}

    assert rows == {
        ("open/", "open", "anyone"),
        ("unit/<unit>/", "unit", "own_unit(unit)"),
        ("classy/", "", "signed_in"),
        ("foreign/a/<key>/", "outside:a", "province_wide"),
        ("foreign/deep/b/", "outside:b", "province_wide"),
        ("one/", "one", "anyone"),
        ("forgotten/page/", "forgotten", ""),
    }


def test_e001_names_the_view_without_a_rule_and_no_other():
    with override_settings(ROOT_URLCONF=HOUSE):
        found = checks.every_url_states_a_rule(None)

    assert [(message.id, "'forgotten/page/'" in message.msg) for message in found] == [("access.E001", True)]


def test_views_of_other_packages_are_held_to_their_rule():
    """Wrapping an `include` guards the views themselves, arguments of the URL and names kept."""
    from django.urls import resolve, reverse

    with override_settings(ROOT_URLCONF=HOUSE):
        match = resolve(reverse("outside:a", kwargs={"key": "k"}))
        request: Any = RequestFactory().get("/foreign/a/k/")
        request.subject = AUDITOR
        assert match.func(request, **match.kwargs).content == b"foreign k"
        request.subject = REPORTER
        with pytest.raises(PermissionDenied):
            match.func(request, **match.kwargs)


def test_e002_names_a_command_without_a_rule(monkeypatch):
    from django.core.management.base import BaseCommand

    monkeypatch.setattr(checks, "find_commands", lambda folder: ["made_up"] if "audit" in folder else [])
    monkeypatch.setattr(checks, "load_command_class", lambda app, name: BaseCommand())
    assert [message.id for message in checks.every_command_states_a_rule(None)] == ["access.E002"]

    BaseCommand.access_rule = access.operator  # type: ignore[attr-defined]
    try:
        assert checks.every_command_states_a_rule(None) == []
    finally:
        del BaseCommand.access_rule  # type: ignore[attr-defined]
