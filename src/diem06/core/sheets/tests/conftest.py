"""The lists of the toy app, which needs nothing but its `sheets.py`, and the people who bring them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from diem06.core.access import Role
from diem06.core.organisation.actions import add_person, give_role
from diem06.core.plans.queries import Loaded
from diem06.core.sheets.models import Batch
from diem06.core.sheets.views import batch_url
from tests.prepared import real_plan

AT = datetime(2023, 7, 13, 16, 40, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
UNIT = "ubnd-tan-yen"
HEADS = ("Ngày *", "Xã, phường *", "Số suất *", "Ghi chú")
CAO_THUONG = "07339"


@pytest.fixture(scope="module")
def plan_of_module(prepared: Callable[..., Any]) -> Loaded:
    return real_plan(prepared, at=AT)


@pytest.fixture
def reporter(plan_of_module: Loaded, db: None, settings: Any, tmp_path: Path) -> Client:
    """The browser of the reporter of Tân Yên, in the areas and units of 2023."""
    settings.DIEM06_CLOCK = lambda: AT
    settings.MEDIA_ROOT = tmp_path
    user = add_person(username="ha", full_name="Trần Thị Hà", password="mot-mat-khau-dai")
    give_role(user=user, role=Role.UNIT_REPORTER, unit=UNIT, from_day=date(2023, 6, 15))
    client = Client()
    client.force_login(user)
    return client


def listed(rows: Sequence[Sequence[Any]], *, heads: Sequence[str] = HEADS) -> openpyxl.Workbook:
    """A list as another system would write it: a title, heads, rows."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Danh sách suất ăn"])
    page.append(list(heads))
    for row in rows:
        page.append(list(row))
    return book


def content_of(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def send(client: Client, content: bytes | openpyxl.Workbook, *, sheet: str = "toy.meals", scope: str = UNIT) -> Any:
    content = content if isinstance(content, bytes) else content_of(content)
    file = SimpleUploadedFile("suat-an.xlsx", content)
    return client.post(reverse("sheet", args=(sheet, scope)), {"file": file})


@pytest.fixture
def staged(reporter: Client) -> Callable[..., Batch]:
    def stage(content: bytes | openpyxl.Workbook, *, sheet: str = "toy.meals") -> Batch:
        answer = send(reporter, content, sheet=sheet)
        assert answer.status_code == 302, answer.content.decode()
        return next(one for one in Batch.objects.all() if batch_url(one) == answer["Location"])

    return stage


def step(batch: Batch, name: str) -> str:
    return reverse(name, args=(batch.sheet, batch.scope, batch.pk))
