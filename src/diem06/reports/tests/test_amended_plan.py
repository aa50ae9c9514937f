"""Facts about figures and the living plan after the plan was amended: earlier months keep the target of their day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from diem06.core.organisation.models import User
from diem06.core.plans import actions
from diem06.core.plans.queries import Loaded, loaded_plan
from diem06.cube.board import forget_boards
from diem06.cube.figures import board
from diem06.cube.standing import Standing
from diem06.reports.screens.living_plan import AMENDED, living_plan
from diem06.reports.tests.factories import AT, seen, whole_province

BASIS = actions.Basis(title="Quyết định", number="55/QĐ-UBND", issued_on=date(2023, 9, 1))
FROM = date(2023, 8, 15)


@pytest.fixture
def by(loaded: Loaded, db: None) -> Iterator[int]:
    """A person of the standing office; what is amended in a test is undone after it, for the months are shared."""
    with transaction.atomic():
        yield User.objects.create(username="thuong-truc-2", full_name="Trần Thị Thường", sort_key="thuong").pk
        transaction.set_rollback(True)
    forget_boards()


def amend(loaded: Loaded, by: int, code: str, value: str) -> Loaded:
    actions.change_target(
        loaded=loaded, indicator=code, value=Decimal(value), quote=f"thành {Decimal(value) * 100:.0f}%", from_day=FROM,
        basis=BASIS, at=AT, by=by,
    )  # fmt: skip
    return loaded_plan()


def test_an_earlier_month_keeps_the_target_of_its_day(loaded: Loaded, by: int) -> None:
    """P1 goes from 50% to 99% from 15/8: July and August are judged by 50%, September by 99%; values do not move."""
    months = ("2023-07", "2023-08", "2023-09")
    before = [board(loaded, code).figure("P1") for code in months]
    after = amend(loaded, by, "P1", "0.99")
    now = [board(after, code).figure("P1") for code in months]
    assert [figure.target for figure in now] == [Decimal("0.5"), Decimal("0.5"), Decimal("0.99")]
    assert [figure.value for figure in now] == [figure.value for figure in before]
    assert [figure.standing for figure in now[:2]] == [figure.standing for figure in before[:2]]
    assert now[2].standing is Standing.BELOW
    assert now[2].gap == Decimal("0.99") * now[2].denominator - now[2].numerator


def test_areas_inherit_the_new_share_from_its_day_on(loaded: Loaded, by: int) -> None:
    """And the twin M5.1 has it too."""
    after = amend(loaded, by, "P1", "0.99")
    assert board(after, "2023-09").figure("P1", area="213").target == Decimal("0.99")
    assert board(after, "2023-08").figure("P1", area="213").target == Decimal("0.5")
    assert board(after, "2023-09").figure("M5.1").target == Decimal("0.99")


def test_only_the_reading_chosen_last_has_a_target(loaded: Loaded, by: int) -> None:
    """Chosen again, the earlier reading is no longer judged; the month before keeps both unjudged."""
    common: dict = {"indicator": "P3", "basis": BASIS, "decided_by": "Công an tỉnh", "at": AT, "by": by}
    actions.choose_reading(loaded=loaded, reading="P3a", from_day=FROM, **common)
    assert board(loaded_plan(), "2023-09").figure("P3a").target == 1
    actions.choose_reading(loaded=loaded_plan(), reading="P3b", from_day=FROM + timedelta(days=5), **common)
    now = loaded_plan()
    assert [board(now, "2023-09").figure(code).target for code in ("P3a", "P3b")] == [None, Decimal(1)]
    assert [board(now, "2023-08").figure(code).target for code in ("P3a", "P3b")] == [None, None]


def test_the_living_plan_shows_old_new_day_and_document_beside_the_clause(loaded: Loaded, by: int) -> None:
    """«50%» struck through, «99%», from 15/08/2023, by the decision, at II.2a and at A.5."""
    amend(loaded, by, "P1", "0.99")
    screen = living_plan(seen())
    shown = [
        (change.words.about, change.words.old, change.words.new, change.from_day, change.document, change.is_ahead)
        for block in screen.blocks
        for change in (block.side.changes if block.side else ())
    ]
    document = "Quyết định số 55/QĐ-UBND ngày 01/09/2023"
    assert shown == [("P1", "50%", "99%", FROM, document, False), ("M5.1", "50%", "99%", FROM, document, False)]
    page = whole_province().get("/plan/?period=2023-09").content.decode()
    assert "<del>50%</del> <ins>99%</ins>" in page
    august = whole_province().get("/plan/?period=2023-08").content.decode()
    assert "Sẽ điều chỉnh" in august
    assert "Sẽ điều chỉnh" not in page


def test_only_what_was_amended_can_be_shown(loaded: Loaded, by: int) -> None:
    """The filter keeps the amended clauses under their headings; without amendments the page says so."""
    assert "Chưa có điều chỉnh nào." in whole_province().get("/plan/?show=amended").content.decode()
    amend(loaded, by, "P1", "0.99")
    screen = living_plan(seen(), show=AMENDED)
    kept = {paragraph.text.address for block in screen.blocks for paragraph in block.paragraphs}
    assert "p014" in kept
    assert "p015" not in kept
    assert [block.side.clauses for block in screen.blocks if block.side and block.side.changes] == [["II.2a"], ["A.5"]]


def test_a_milestone_judges_the_way_and_never_replaces_the_target(loaded: Loaded, by: int, settings: Any) -> None:
    """P1 made unreachable is «chưa đạt»; with a milestone ahead it is on track or at risk, its target and gap as they were."""
    after = amend(loaded, by, "P1", "0.99")
    plain = board(after, "2023-09").figure("P1")
    # Set on the last day of the month, so that it counts for that month and not for the one before.
    at = AT - timedelta(days=1)
    actions.set_milestone(
        loaded=after, indicator="P1", value=plain.value / 2, day=date(2023, 12, 14), reason="Sơ kết.", at=at, by=by
    )
    now = loaded_plan()
    figure = board(now, "2023-09").figure("P1")
    assert (figure.target, figure.gap, figure.deadline) == (plain.target, plain.gap, None)
    assert (plain.standing, figure.standing) == (Standing.BELOW, Standing.ON_TRACK)
    assert (figure.milestone.day, figure.milestone.standing) == (date(2023, 12, 14), Standing.ON_TRACK)
    assert board(now, "2023-08").figure("P1").milestone is None
    assert board(now, "2023-09").figure("P1", area="213").milestone is None
    assert "Mốc theo dõi" in whole_province().get("/plan/?period=2023-09").content.decode()


def test_a_milestone_out_of_reach_puts_at_risk(loaded: Loaded, by: int) -> None:
    """The line from the first known value to 100% by 20/9 lies above September's value."""
    after = amend(loaded, by, "P1", "0.99")
    at = AT - timedelta(days=1)
    actions.set_milestone(
        loaded=after, indicator="P1", value=Decimal(1), day=date(2023, 9, 20), reason="Gấp.", at=at, by=by
    )
    assert board(loaded_plan(), "2023-09").figure("P1").standing is Standing.AT_RISK


def test_a_count_without_a_target_keeps_having_none(loaded: Loaded, by: int) -> None:
    """P11 has no target of the plan; a milestone is shown beside it and judges itself alone."""
    at = AT - timedelta(days=1)
    actions.set_milestone(
        loaded=loaded, indicator="P11", value=Decimal(10**9), day=date(2023, 12, 14), reason="Hè.", at=at, by=by
    )
    figure = board(loaded_plan(), "2023-09").figure("P11")
    assert (figure.standing, figure.target) == (Standing.NO_TARGET, None)
    assert figure.milestone.standing in (Standing.AT_RISK, Standing.ON_TRACK)


def test_the_page_of_an_indicator_shows_the_target_in_force_with_its_document(loaded: Loaded, by: int) -> None:
    """September shows 99% by the decision and no longer 50%; August shows 50%."""
    amend(loaded, by, "P1", "0.99")
    client = whole_province()
    september = client.get("/indicators/P1/?period=2023-09").content.decode()
    august = client.get("/indicators/P1/?period=2023-08").content.decode()
    assert "từ 15/08/2023 theo Quyết định số 55/QĐ-UBND" in " ".join(september.split())
    assert "50% bộ phận một cửa các cấp có video" not in september.split("<dt>Mục tiêu</dt>")[1].split("</dl>")[0]
    assert "55/QĐ-UBND" not in august.split("<dt>Mục tiêu</dt>")[1].split("</dl>")[0]
