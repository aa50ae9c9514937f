"""`diem06 cycle`."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import OperationalError

from diem06.core.areas.actions import load_areas
from diem06.core.plans.actions import load_plan
from diem06.plan.reader import bundle_path
from diem06.reports.management.commands import cycle
from diem06.reports.models import Report, UnitFact

NOW = datetime(2023, 7, 20, 0, 5, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def _clock(settings):
    settings.DIEM06_CLOCK = lambda: NOW


@pytest.mark.usefixtures("_clock")
def test_reports_of_begun_periods_are_opened_once(db, capsys):
    """On 20/07/2023 periods 2023-07 and 2023-08 have begun, 2023-09 has not; the second run finds nothing to do."""
    load_areas()
    load_plan(folder=bundle_path("bac-giang-2023"), at=NOW)

    call_command("cycle")
    opened = {row.pk for row in Report.objects.all()}
    said = capsys.readouterr().out
    facts = UnitFact.objects.count()
    call_command("cycle")

    assert set(Report.objects.values_list("period__code", flat=True)) == {"2023-07", "2023-08"}
    assert [line.split(":")[0] for line in said.splitlines()] == ["2023-07", "2023-08"]
    assert capsys.readouterr().out == ""
    assert {row.pk for row in Report.objects.all()} == opened
    assert UnitFact.objects.count() == facts


@pytest.mark.usefixtures("_clock")
def test_without_a_plan_it_ends_with_2(db, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("cycle")

    assert ended.value.code == 2
    assert "plan load" in capsys.readouterr().err


def test_a_turn_that_fails_is_told_and_the_next_one_comes(monkeypatch, caplog):
    """A database that is away ends neither the cycle nor, with it, the server; without --every the command ends with 2."""
    turns = []

    def once(self, plan_id):
        turns.append(plan_id)
        raise OperationalError("the server closed the connection")

    def sleep(seconds):
        if len(turns) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(cycle.Command, "_once", once)
    monkeypatch.setattr(cycle.time, "sleep", sleep)
    monkeypatch.setattr(cycle.connection, "close", lambda: None)

    with pytest.raises(KeyboardInterrupt):
        call_command("cycle", "--every", "5")
    assert len(turns) == 2
    assert "this turn failed" in caplog.text
    with pytest.raises(SystemExit) as ended:
        call_command("cycle")
    assert ended.value.code == 2
