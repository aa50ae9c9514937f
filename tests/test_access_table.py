"""
Who may open what: the hand-kept table `access.csv` against what the server answers.

The people of the table hold one role each; heads and reporters are those of UBND huyện Tân Yên, so the rows of another unit
show what is denied. A URL that the table lacks fails.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from diem06.core.access import PROVINCE_WIDE, Role, urls_with_rules
from diem06.core.declarations import modules_named
from diem06.core.organisation.actions import add_person, give_role, new_totp_secret, set_totp
from diem06.core.places.actions import TermValues, add_place
from diem06.core.plans.queries import Loaded
from diem06.reports.tests.factories import first_reports

TABLE = Path(__file__).parent / "access.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
NOW = datetime(2023, 7, 13, 16, 40, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
UNIT = "ubnd-tan-yen"
CAO_XA = "07336"
NO_PAGES = {
    "account_inactive", "account_login", "account_logout", "mfa_authenticate", "mfa_download_recovery_codes", "health",
    "desk:app-test", "desk:api-state", "job-file", "report-file", "unit-plan-file", "anomaly-document", "mailed-file",
    "heritage_sites:list-file",
}  # fmt: skip
"""What ends like a page and is none: files, answers to a script, and what nobody signed in opens."""
OFFICES = {Role.UNIT_HEAD: UNIT, Role.UNIT_REPORTER: UNIT, Role.LEAD_UNIT: "so-tttt"}


@pytest.fixture(scope="module")
def july(prepared: Callable[..., Any]) -> Loaded:
    return first_reports(prepared, at=NOW)


@pytest.fixture
def clients(july: Loaded, db: None, settings: Any) -> dict[str, Client]:
    """One signed-in browser for each column of the table."""
    settings.DIEM06_CLOCK = lambda: NOW
    # A site on the ground of the unit, so that what the unit may do there is answered too.
    add_place(
        kind="heritage_site",
        code="chua-cao-xa-07336-1",
        parent=None,
        from_day=date(2023, 6, 15),
        values=TermValues(name="Chùa Cao Xá", area=CAO_XA, unit=UNIT),
        at=NOW,
        by=None,
    )
    found = {"nobody": Client()}
    for role in Role:
        user = add_person(username=role.value, full_name=role.value, password="mot-mat-khau-dai")
        give_role(user=user, role=role, unit=OFFICES.get(role, "cong-an-tinh"), from_day=date(2023, 6, 15))
        if role in PROVINCE_WIDE:
            set_totp(user, new_totp_secret())
        found[role.value] = Client()
        found[role.value].force_login(user)
    return found


def answer_of(client: Client, row: dict[str, str]) -> str:
    """Ask as the row says and return yes, no or sign-in."""
    answer = client.get(row["path"]) if row["method"] == "GET" else client.post(row["path"])
    assert answer.status_code < 500, f"{row['path']}: {answer.status_code}"
    if answer.status_code == 403:
        return "no"
    is_sign_in = answer.status_code == 302 and answer["Location"].startswith(reverse("account_login"))
    return "sign-in" if is_sign_in or answer.status_code == 401 else "yes"


def asked(row: dict[str, str], columns: list[str]) -> list[str]:
    """
    Return whom a row is asked for: each role.

    What a role may do does not hang on the database, but that a page is answered does. So where the table has been asked on
    SQLite, the first and the last column of each answer suffice: whose work is the whole province, and whose is one unit.
    """
    if connection.vendor == "sqlite":
        return columns
    ends = {row[column]: column for column in reversed(columns)}, {row[column]: column for column in columns}
    return [column for column in columns if any(column in end.values() for end in ends)]


def test_what_is_answered_is_what_the_table_says(clients: dict[str, Client]) -> None:
    """Every URL for every role, one denied object per role included."""
    wrong = []
    for row in ROWS:
        for column in asked(row, list(clients)):
            client, wanted = clients[column], row[column]
            got = answer_of(client, row)
            # Nobody is sent to sign in by the public pages of the sign-in itself.
            if column == "nobody" and wanted == "yes":
                continue
            if got != wanted:
                wrong.append(f"{row['method']} {row['path']} as {column}: {got}, the table says {wanted}")
    assert not wrong, "\n".join(wrong)


def test_every_url_stands_in_the_table() -> None:
    """A new page without a row here fails."""
    known = {row["name"] for row in ROWS}
    missing = [url.route for url in urls_with_rules() if url.name not in known]
    assert not missing


def test_each_role_is_denied_something() -> None:
    """The table holds a denied object for every role that is not the standing office's alone."""
    for role in Role:
        assert any(row[role.value] == "no" for row in ROWS), role


def test_every_page_has_a_name_for_where_its_use_is_shown() -> None:
    """Whatever is opened as a page of HTML by who is signed in: see `page_words.py` of its room."""
    words = {page for module in modules_named("page_words") for page in module.WORDS}
    pages = {row["name"] for row in ROWS if row["method"] == "GET" and row["path"].split("?")[0].endswith("/")}
    assert pages - words - NO_PAGES == set()
    assert words <= {url.name for url in urls_with_rules()}
