"""Facts about amending a plan: rows are added with their document, checked, loaded as a new version, never overwritten."""

from __future__ import annotations

import re
import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from diem06.core.audit.models import Entry
from diem06.core.organisation.models import User
from diem06.core.organisation.queries import units_on
from diem06.core.plans import actions
from diem06.core.plans.actions import AmendmentError, PlanChangeError, load_plan, take_plan
from diem06.core.plans.models import LoadedPlan, Obligation, Period
from diem06.core.plans.queries import (
    Loaded,
    amendments,
    first_day_to_change,
    loaded_bundle,
    loaded_plan,
    owing,
    plans_loaded,
)
from diem06.core.plans.tests.conftest import AT, BASIS
from diem06.plan.changes import (
    GRADES,
    ChangeKind,
    assignments_on,
    chosen_reading,
    deadlines_on,
    newest_target,
    precedence_on,
)
from diem06.plan.faults import PlanErrors
from diem06.plan.model import Indicator
from diem06.plan.reader import bundle_path

FROM = date(2023, 9, 20)


def indicator(loaded: Loaded, code: str) -> Indicator:
    return next(each for each in loaded.plan.indicators if each.code == code)


def change_target(loaded: Loaded, officer: User, code: str = "M3.1", **named: object) -> Loaded:
    values: dict = {
        "value": Decimal("0.8"),
        "quote": "nâng lên 80% cán bộ",
        "from_day": FROM,
        "basis": BASIS,
        "at": AT,
        "by": officer.pk,
    } | named
    actions.change_target(loaded=loaded, indicator=code, **values)
    return loaded_plan()


def test_a_changed_target_is_a_row_with_its_document(loaded: Loaded, officer: User) -> None:
    """The old row stays for the old months; the files are the old ones and one more row."""
    before = indicator(loaded, "M3.1").targets
    after = change_target(loaded, officer)
    rows = indicator(after, "M3.1").targets
    assert rows[: len(before)] == before
    assert (rows[-1].value, rows[-1].from_day) == (Decimal("0.8"), FROM)
    assert rows[-1].document == "Quyết định số 55/QĐ-UBND ngày 10/09/2023"
    assert newest_target(rows, date(2023, 9, 19)) == before[-1]
    assert newest_target(rows, FROM) == rows[-1]
    assert (after.plan.version, after.bundle != loaded.bundle) == ("1.1", True)


def test_the_new_files_keep_every_line_of_the_old(loaded: Loaded, officer: User) -> None:
    """Comments too: lines are only added, but for the version."""
    old = LoadedPlan.objects.get(pk=loaded.bundle).files
    new = LoadedPlan.objects.get(pk=change_target(loaded, officer).bundle).files
    assert {name for name in old if old[name] != new[name]} == {"plan.toml", "indicators.toml"}
    kept = iter(new["indicators.toml"].splitlines())
    assert all(line in kept for line in old["indicators.toml"].splitlines())
    assert "# Quyết định số 55/QĐ-UBND ngày 10/09/2023" in new["indicators.toml"]


def test_who_and_when_stand_in_the_list_and_in_the_trail(loaded: Loaded, officer: User) -> None:
    """The list names the person and the moment; the trail has the change in the same transaction."""
    after = change_target(loaded, officer)
    (made,) = [each for each in amendments(after) if each.change.kind is ChangeKind.TARGET]
    assert (made.loaded_by, made.loaded_at) == ("Trần Thị Thường", AT)
    assert (made.change.old, made.change.new) == (indicator(loaded, "M3.1").targets[-1].value, Decimal("0.8"))
    entry = Entry.objects.get(action="plan.amend")
    assert (entry.by_id if hasattr(entry, "by_id") else entry.by) == officer.pk
    assert entry.details["document"] == BASIS.words


def test_figures_that_can_no_longer_be_edited_keep_their_target(loaded: Loaded, officer: User) -> None:
    """At 15/9 the months up to 14/8 are locked, so nothing may change before 15/8."""
    assert first_day_to_change(loaded.plan, at=AT) == date(2023, 8, 15)
    with pytest.raises(AmendmentError) as refused:
        change_target(loaded, officer, from_day=date(2023, 8, 14))
    assert list(refused.value.errors) == ["from_day"]
    assert loaded_plan().bundle == loaded.bundle


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"value": Decimal("1.2")}, "value"),
        ({"quote": " "}, "quote"),
        ({"value": Decimal("0.5"), "quote": "thành 60%", "code": "M3.1"}, None),
        ({"unit": "khong-co"}, "unit"),
    ],
)
def test_what_the_checks_refuse_is_said_at_its_field(
    loaded: Loaded, officer: User, wrong: dict, field: str | None
) -> None:
    """Nothing is loaded; a quote that gives another number is taken as words, for the value is what was typed."""
    if field is None:
        change_target(loaded, officer, **wrong)
        return
    with pytest.raises(AmendmentError) as refused:
        change_target(loaded, officer, **wrong)
    assert field in refused.value.errors
    assert LoadedPlan.objects.count() == 1


def test_a_target_cannot_begin_twice_on_a_day(loaded: Loaded, officer: User) -> None:
    """The second change of the same day is refused at the day."""
    after = change_target(loaded, officer)
    with pytest.raises(AmendmentError) as refused:
        change_target(after, officer, value=Decimal("0.9"))
    assert list(refused.value.errors) == ["from_day"]
    assert "20" in refused.value.errors["from_day"][0]


def test_an_indicator_that_is_the_same_as_another_changes_with_it(loaded: Loaded, officer: User) -> None:
    """M5.1 is P1 under another clause: both have the new target, each at its own clause."""
    after = change_target(loaded, officer, "P1", quote="nâng lên 80%")
    p1, m51 = indicator(after, "P1"), indicator(after, "M5.1")
    assert p1.targets[-1].value == m51.targets[-1].value == Decimal("0.8")
    assert (p1.targets[-1].clause, m51.targets[-1].clause) == ("II.2a", "A.5")


def test_two_people_do_not_overwrite_each_other(loaded: Loaded, officer: User) -> None:
    """Who read the plan before the other's change must read it again."""
    change_target(loaded, officer)
    with pytest.raises(AmendmentError) as refused:
        change_target(loaded, officer, "M4.1", quote="nâng lên 80%")
    assert "" in refused.value.errors


def test_a_reading_is_chosen_and_chosen_again(loaded: Loaded, officer: User) -> None:
    """The later decision holds from its day on; the day before keeps the earlier one."""
    common = {"indicator": "P3", "basis": BASIS, "decided_by": "Công an tỉnh", "at": AT, "by": officer.pk}
    actions.choose_reading(loaded=loaded, reading="P3a", from_day=date(2023, 9, 16), **common)
    actions.choose_reading(loaded=loaded_plan(), reading="P3b", from_day=date(2023, 10, 16), **common)
    p3 = indicator(loaded_plan(), "P3")
    on = [date(2023, 9, 15), date(2023, 9, 16), date(2023, 10, 15), date(2023, 10, 16)]
    assert [getattr(chosen_reading(p3, day), "code", None) for day in on] == [None, "P3a", "P3a", "P3b"]
    with pytest.raises(AmendmentError):
        actions.choose_reading(loaded=loaded_plan(), reading="P3b", from_day=date(2023, 11, 16), **common)


def test_a_target_needs_a_chosen_reading(loaded: Loaded, officer: User) -> None:
    """While nobody chose how P3 is read it has no target to change."""
    with pytest.raises(AmendmentError) as refused:
        change_target(loaded, officer, "P3")
    assert list(refused.value.errors) == ["indicator"]


def test_a_deadline_inside_a_period_is_owed_as_an_extra_cell(loaded: Loaded, officer: User) -> None:
    """P9 gets a deadline of 30/9: the open period owes its two measures once more, dated that day; its target stays."""
    actions.change_deadline(
        loaded=loaded, indicator="P9", day=date(2023, 9, 30), quote="xong trước 30/9/2023", from_day=date(2023, 9, 15),
        basis=BASIS, at=AT, by=officer.pk,
    )  # fmt: skip
    target = newest_target(indicator(loaded_plan(), "P9").targets, date(2023, 9, 15))
    assert target is not None
    assert (target.value, target.deadline) == (Decimal(1), date(2023, 9, 30))
    extra = Obligation.objects.filter(period__code="2023-10", day=date(2023, 9, 30))
    assert {row.measure for row in extra} == {"residents_of_age", "residents_with_activated_account"}
    july = Obligation.objects.filter(day=date(2023, 7, 31))
    assert july.filter(period__code="2023-08").exists(), "the past keeps what it owed"


def test_a_deadline_that_moves_on_is_no_longer_owed_on_its_old_day(loaded: Loaded, officer: User) -> None:
    """Moved before its day came: the period that opens later does not ask for the old day."""
    common = {"indicator": "P9", "basis": BASIS, "at": AT, "by": officer.pk, "quote": "xong trong năm"}
    actions.change_deadline(loaded=loaded, day=date(2023, 10, 31), from_day=date(2023, 9, 15), **common)
    actions.change_deadline(loaded=loaded_plan(), day=date(2023, 12, 14), from_day=date(2023, 9, 16), **common)
    later = datetime(2023, 10, 16, 8, tzinfo=AT.tzinfo)
    now = loaded_plan()
    actions.open_periods(plan=now.plan, bundle=LoadedPlan.objects.get(pk=now.bundle), at=later)
    assert Period.objects.filter(code="2023-11").exists()
    assert not Obligation.objects.filter(period__code="2023-11", day=date(2023, 10, 31)).exists()


def test_a_day_without_a_number_can_be_moved(loaded: Loaded, officer: User) -> None:
    """fn.1 gives P19 a day and no number; the document's day holds from its own day on."""
    old = indicator(loaded, "P19").deadlines[0].day
    actions.change_deadline(
        loaded=loaded, indicator="P19", day=date(2024, 6, 14), quote="đến hết 14/6/2024", from_day=FROM, basis=BASIS,
        at=AT, by=officer.pk,
    )  # fmt: skip
    p19 = indicator(loaded_plan(), "P19")
    assert [each.day for each in deadlines_on(p19, date(2023, 9, 19))] == [old]
    assert [each.day for each in deadlines_on(p19, FROM)] == [date(2024, 6, 14)]


def test_an_assignment_passes_with_what_is_owed_for_it(loaded: Loaded, officer: User) -> None:
    """From the next period the new unit owes the pilot's measures; what the old one owes for others stays."""
    begins = date(2023, 10, 15)
    actions.pass_assignment(
        loaded=loaded, clause="III.1", pilot="M1", unit="so-gtvt", to="so-cong-thuong", from_day=begins, basis=BASIS,
        at=AT, by=officer.pk,
    )  # fmt: skip
    plan = loaded_plan().plan
    assert "so-gtvt" in {row.unit for row in assignments_on(plan, date(2023, 10, 14)) if row.pilot == "M1"}
    now = {row.unit for row in assignments_on(plan, begins) if row.pilot == "M1"}
    assert ("so-gtvt" in now, "so-cong-thuong" in now) == (False, True)
    assert "so-gtvt" in owing(["m1_units"], plan, on=date(2023, 10, 14))
    assert "so-gtvt" not in owing(["m1_units"], plan, on=begins)
    assert "so-cong-thuong" in owing(["m1_units"], plan, on=begins)
    assert "so-gtvt" in owing(["reporting_units"], plan, on=begins)
    later = datetime(2023, 10, 16, 8, tzinfo=AT.tzinfo)
    actions.open_periods(plan=plan, bundle=LoadedPlan.objects.get(pk=loaded_plan().bundle), at=later)
    owed = {
        code: set(Obligation.objects.filter(period__code=code, measure="payments").values_list("unit", flat=True))
        for code in ("2023-10", "2023-11")
    }
    assert "so-gtvt" in owed["2023-10"]
    assert owed["2023-11"] == owed["2023-10"] - {"so-gtvt"} | {"so-cong-thuong"}
    assert Obligation.objects.filter(period__code="2023-11", measure="officials", unit="so-gtvt").exists()


def test_a_unit_that_alone_carries_a_pilot_hands_over_what_names_it(loaded: Loaded, officer: User) -> None:
    """M7 is Sở Y tế's by name, in obligations and indicators; what serves M7 alone passes."""
    begins = date(2023, 10, 15)
    actions.pass_assignment(
        loaded=loaded, clause="III.7", pilot="M7", unit="so-y-te", to="ubnd-yen-the", from_day=begins, basis=BASIS,
        at=AT, by=officer.pk,
    )  # fmt: skip
    plan = loaded_plan().plan
    m71 = next(each for each in plan.indicators if each.code == "M7.1")
    assert owing(m71.owed_by, plan, on=date(2023, 10, 14), clauses=m71.clauses) == ["so-y-te"]
    assert owing(m71.owed_by, plan, on=begins, clauses=m71.clauses) == ["ubnd-yen-the"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"from_day": date(2023, 10, 16)}, "from_day"),
        ({"from_day": date(2023, 9, 15)}, "from_day"),
        ({"unit": "so-y-te"}, "task"),
        ({"to": "so-xay-dung"}, "unit"),
        ({"to": "khong-co"}, "unit"),
    ],
)
def test_an_assignment_passes_only_from_who_has_it_to_who_has_not(
    loaded: Loaded, officer: User, changed: dict, field: str
) -> None:
    """And only from the first day of a period that has not opened."""
    values = {"clause": "III.1", "pilot": "M1", "unit": "so-gtvt", "to": "so-y-te", "from_day": date(2023, 10, 15)}
    with pytest.raises(AmendmentError) as refused:
        actions.pass_assignment(loaded=loaded, **(values | changed), basis=BASIS, at=AT, by=officer.pk)
    assert list(refused.value.errors) == [field]


def test_a_unit_gets_another_name_from_a_day_on(loaded: Loaded, officer: User) -> None:
    """Earlier reports keep the old name."""
    actions.rename_unit(
        loaded=loaded, unit="so-y-te", name="Sở Y tế và Dân số", short="Sở YT&DS", from_day=FROM, basis=BASIS, at=AT,
        by=officer.pk,
    )  # fmt: skip
    assert units_on(date(2023, 9, 19))["so-y-te"].name == "Sở Y tế"
    assert units_on(FROM)["so-y-te"].name == "Sở Y tế và Dân số"


def test_a_unit_is_merged_into_another(loaded: Loaded, officer: User) -> None:
    """From that day the successor owes what it owed; the plan says by which document."""
    values = {"unit": "so-ngoai-vu", "successor": "vp-ubnd-tinh", "from_day": FROM}
    actions.merge_unit(loaded=loaded, **values, basis=BASIS, at=AT, by=officer.pk)
    plan = loaded_plan().plan
    assert owing(["so-ngoai-vu"], plan, on=date(2023, 9, 19)) == ["so-ngoai-vu"]
    assert owing(["so-ngoai-vu"], plan, on=FROM) == ["vp-ubnd-tinh"]
    (change,) = [each.change for each in amendments(loaded_plan()) if each.change.about == "so-ngoai-vu"]
    assert (change.from_day, change.new, change.document) == (FROM, "vp-ubnd-tinh", BASIS.words)
    with pytest.raises(AmendmentError) as refused:
        actions.merge_unit(
            loaded=loaded_plan(), **(values | {"from_day": date(2023, 10, 1)}), basis=BASIS, at=AT, by=officer.pk
        )
    assert list(refused.value.errors) == ["unit"]


def test_files_that_lack_an_amendment_are_refused(loaded: Loaded, officer: User, tmp_path: Path) -> None:
    """An upgrade of the shipped plan must not lose what the office decided here."""
    change_target(loaded, officer)
    shutil.copytree(bundle_path("bac-giang-2023"), tmp_path / "plan")
    file = tmp_path / "plan" / "plan.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('version = "1"', 'version = "2"'), encoding="utf-8")
    with pytest.raises(PlanChangeError, match=r"target/M3\.1"):
        load_plan(folder=tmp_path / "plan", at=AT)


def test_the_shipped_files_loaded_again_leave_the_amended_plan_in_use(loaded: Loaded, officer: User) -> None:
    """`plan load` of an earlier version changes nothing."""
    after = change_target(loaded, officer)
    load_plan(folder=bundle_path("bac-giang-2023"), at=AT)
    assert loaded_plan() == after
    with pytest.raises(PlanChangeError):
        take_plan(bundle=LoadedPlan.objects.get(pk=loaded.bundle), at=AT)


def test_an_earlier_version_can_still_be_read(loaded: Loaded, officer: User) -> None:
    """What was handed out by the old version opens by it."""
    change_target(loaded, officer)
    assert loaded_bundle(loaded.bundle).plan == loaded.plan
    assert len(plans_loaded()) == 1


DECLARED_FIRST = ("declared", "evidenced", "imported")


def test_another_order_of_sources_is_a_row_of_its_measure_from_its_day(loaded: Loaded, officer: User) -> None:
    """Other measures, and days before, keep theirs; the same order again is refused."""
    named: dict = {"order": DECLARED_FIRST, "from_day": FROM, "basis": BASIS, "at": AT, "by": officer.pk}
    actions.change_precedence(loaded=loaded, measure="heritage_sites", **named)
    plan = loaded_plan().plan
    assert precedence_on(plan, "heritage_sites", FROM) == DECLARED_FIRST
    assert precedence_on(plan, "heritage_sites", date(2023, 9, 19)) == precedence_on(plan, "", FROM) == GRADES
    (made,) = [each.change for each in amendments(loaded_plan()) if each.change.kind is ChangeKind.PRECEDENCE]
    assert (made.about, made.old, made.document) == ("heritage_sites", ">".join(GRADES), BASIS.words)
    with pytest.raises(AmendmentError):
        actions.change_precedence(loaded=loaded_plan(), measure="heritage_sites", **named)


def test_a_plan_that_was_loaded_without_an_order_can_be_given_one(
    loaded: Loaded, officer: User, tmp_path: Path
) -> None:
    """It is read as evidenced, imported, declared until then; that row is written too."""
    folder = Path(shutil.copytree(bundle_path("bac-giang-2023"), tmp_path / "plan"))
    file = folder / "plan.toml"
    head, _, rest = file.read_text(encoding="utf-8").partition("[[precedence]]")
    _row, _, rest = rest.partition("[[document]]")
    file.write_text(head + "[[document]]" + rest, encoding="utf-8")
    load_plan(folder=folder, at=AT)
    before = loaded_plan()
    assert before.plan.precedences == ()
    assert precedence_on(before.plan, "heritage_sites", FROM) == GRADES
    actions.change_precedence(
        loaded=before, measure="", order=DECLARED_FIRST, from_day=FROM, basis=BASIS, at=AT, by=officer.pk
    )
    after = loaded_plan().plan
    assert precedence_on(after, "heritage_sites", FROM) == DECLARED_FIRST
    assert precedence_on(after, "heritage_sites", date(2023, 9, 19)) == GRADES


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("plan.toml", '"imported", "declared"]', '"declared"]', "precedence[0].order: does not name each grade once."),
        ("indicators.toml", 'numerator = "', 'numerator = "no_such_', "numerator: there is no measure 'no_such_"),
    ],
)
def test_a_plan_with_such_a_fault_is_not_loaded(
    loaded: Loaded, tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    """It is refused by name, and the plan in use stays."""
    folder = Path(shutil.copytree(bundle_path("bac-giang-2023"), tmp_path / "plan"))
    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlanErrors, match=re.escape(said)):
        load_plan(folder=folder, at=AT)
    assert loaded_plan().bundle == loaded.bundle
