"""Facts about numbers that want a second look: what is found in a made-up province, who is asked, what they and the office say."""

from __future__ import annotations

import io
from datetime import timedelta
from io import StringIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from diem06.core.access import Role
from diem06.core.audit.models import Entry
from diem06.core.plans.queries import Loaded
from diem06.cube.actions import facts_changed
from diem06.cube.anomalies import actions, queries
from diem06.cube.anomalies.actions import EmptyTextError, NotExplainedError, NotPutError, find, find_ripe
from diem06.cube.anomalies.rulebook import shipped
from diem06.cube.models import Anomaly, AnomalyRun, AnomalyState
from diem06.reports.measures import DECLARED
from diem06.reports.models import DeclaredValue, Explanation, Report
from diem06.reports.screens import anomalies as screen
from diem06.reports.tests.factories import AT, UNIT, month, of_unit, signed_in, whole_province

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=1)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def copied(loaded: Loaded) -> list[tuple[int, int]]:
    """Give a district in September the numbers of August; hand out what stood there, by id."""
    before = {
        (row.measure, row.dimensions, row.area): row.value
        for row in DeclaredValue.objects.current().filter(unit=UNIT, period__code="2023-08")
    }
    stood = []
    for row in DeclaredValue.objects.current().filter(unit=UNIT, period__code="2023-09"):
        if (value := before.get((row.measure, row.dimensions, row.area))) is not None:
            stood.append((row.pk, row.value))
            DeclaredValue.objects.filter(pk=row.pk).update(value=value)
    facts_changed(source=DECLARED, day=month(loaded, "2023-09").last_day)
    return stood


def an_anomaly(loaded: Loaded, **changes: Any) -> Anomaly:
    known = {
        "period": month(loaded, "2023-09"),
        "rule": "round_numbers",
        "unit": UNIT,
        "gravity": 8,
        "size": 4.0,
        "facts": {"round": 9, "values": 10, "months": 1},
        "refs": [],
        "rows": 10,
        "found_at": AT,
        "changed_at": AT,
        "put_at": AT,
    }
    return Anomaly.objects.create(**(known | changes))


def office() -> Any:
    return signed_in(Role.STANDING_OFFICE, "cong-an-tinh")


# -- finding -------------------------------------------------------------------------------------------------------------
def test_a_copied_month_is_found_once_put_to_its_unit_and_goes_with_its_reason(
    loaded: Loaded, copied: list[tuple[int, int]]
):
    period = month(loaded, "2023-09")
    first = find(loaded=loaded, period=period, at=AT)
    again = find(loaded=loaded, period=period, at=LATER)

    row = Anomaly.objects.get(period=period, rule="copied_month", unit=UNIT)
    assert first.new >= 1
    assert (again.new, again.changed, again.gone, again.put) == (0, 0, 0, 0)
    assert row.put_at == AT
    assert row.facts["same"] == row.facts["compared"]
    assert {fact.record for fact in queries.facts_behind(row)} == {record for _source, record in row.refs}
    assert Entry.objects.filter(action="anomalies.find").count() == 1, "a look that finds nothing new writes nothing"

    for pk, value in copied:
        DeclaredValue.objects.filter(pk=pk).update(value=value)
    gone = find(loaded=loaded, period=period, at=LATER)
    row.refresh_from_db()

    assert gone.gone >= 1
    assert (row.gone_at, row.gone_why) == (LATER, "changed")


def test_the_cycle_looks_again_only_where_something_changed(loaded: Loaded):
    find_ripe(loaded=loaded, at=AT)
    assert all(not outcome.was_needed for outcome in find_ripe(loaded=loaded, at=LATER))

    facts_changed(source=DECLARED, day=month(loaded, "2023-09").last_day)
    needed = {outcome.period: outcome.was_needed for outcome in find_ripe(loaded=loaded, at=LATER)}

    assert needed == {"2023-07": False, "2023-08": False, "2023-09": True}


def test_a_rule_that_is_switched_off_finds_nothing_and_says_so(loaded: Loaded, copied: list[tuple[int, int]]):
    period = month(loaded, "2023-09")
    find(loaded=loaded, period=period, at=AT)
    actions.switch(rule="copied_month", is_on=False, at=AT, by=None)
    find(loaded=loaded, period=period, at=LATER, again=False)

    row = Anomaly.objects.get(period=period, rule="copied_month", unit=UNIT)
    assert row.gone_why == "off"
    assert "copied_month" not in AnomalyRun.objects.get(period=period).counts


def test_the_command_prints_what_it_did_and_how_often_each_rule_found_something(loaded: Loaded):
    out = StringIO()
    call_command("anomalies", "find", "2023-09", stdout=out)
    call_command("anomalies", "rates", stdout=out)

    assert out.getvalue().startswith("2023-09: ")
    for rule in shipped().rules:
        assert f"\n{rule.code}" in out.getvalue()
    with pytest.raises(SystemExit) as refused:
        call_command("anomalies", "find", "1999-01", stderr=StringIO())
    assert refused.value.code == 2


def test_the_demo_holds_few_false_alarms(loaded: Loaded):
    """In a made-up month nothing is a fraud: at most one in fifty of the units is asked anything."""
    find(loaded=loaded, period=month(loaded, "2023-09"), at=AT)
    counts = AnomalyRun.objects.get().counts

    assert counts["copied_month"][0] > 20
    assert sum(flagged for _units, flagged in counts.values()) <= 1


def test_five_of_a_period_are_put_to_a_unit_the_gravest_and_what_was_put_stays(loaded: Loaded):
    period = month(loaded, "2023-09")
    for number in range(8):
        an_anomaly(loaded, rule="same_for_months", gravity=6, size=float(number), measure=f"m{number}", put_at=None)
    actions._put(period, AT)
    worse = an_anomaly(loaded, rule="copied_month", gravity=0, put_at=None)
    actions._put(period, LATER)
    worse.refresh_from_db()

    put = queries.put_to(loaded.plan, [UNIT]).values_list("measure", flat=True)
    assert sorted(put) == ["m3", "m4", "m5", "m6", "m7"]
    assert worse.put_at is None


# -- answering -----------------------------------------------------------------------------------------------------------
def test_an_explanation_is_kept_judged_and_asked_about(loaded: Loaded):
    row = an_anomaly(loaded)
    with pytest.raises(NotExplainedError):
        actions.accept(anomaly=row, at=AT, by=None)
    with pytest.raises(EmptyTextError):
        actions.explain(anomaly=row, text="  ", at=AT, by=None)
    actions.explain(anomaly=row, text="Đã đếm lại theo sổ.", name="so.pdf", content=PDF, at=AT, by=None)
    actions.ask_back(anomaly=row, text="Sổ nào?", at=LATER, by=None)
    row.refresh_from_db()
    assert row.is_waiting
    actions.explain(anomaly=row, text="Sổ tiếp nhận.", at=LATER, by=None)
    actions.accept(anomaly=row, at=LATER, by=None)
    row.refresh_from_db()

    assert row.state == AnomalyState.ACCEPTED
    assert [answer.kind for answer in row.answers.all()] == ["explained", "asked_back", "explained", "accepted"]
    assert list(Entry.objects.filter(object_type="anomaly").order_by("pk").values_list("action", flat=True)) == [
        "anomaly.explain", "anomaly.ask_back", "anomaly.explain", "anomaly.accept"
    ]  # fmt: skip
    with pytest.raises(NotPutError):
        actions.explain(anomaly=row, text="Thêm.", at=LATER, by=None)


def test_what_was_said_of_other_numbers_answers_nothing(loaded: Loaded, copied: list[tuple[int, int]]):
    period = month(loaded, "2023-09")
    find(loaded=loaded, period=period, at=AT)
    row = Anomaly.objects.get(period=period, rule="copied_month", unit=UNIT)
    actions.explain(anomaly=row, text="Không phát sinh mới.", at=AT, by=None)
    changed = DeclaredValue.objects.filter(record__in=[record for _source, record in row.refs], period=period).first()
    assert changed is not None
    DeclaredValue.objects.filter(pk=changed.pk).update(value=changed.value + 7)
    find(loaded=loaded, period=period, at=LATER)
    row.refresh_from_db()

    assert (row.state, row.changed_at) == (AnomalyState.OPEN, LATER)
    assert row.answers.get().facts["same"] == row.facts["same"] + 1


# -- pages ---------------------------------------------------------------------------------------------------------------
def test_a_unit_sees_what_was_put_to_it_and_nothing_else(loaded: Loaded):
    mine, other = an_anomaly(loaded), an_anomaly(loaded, unit="ubnd-luc-nam")
    unput = an_anomaly(loaded, rule="copied_month", put_at=None, facts={"same": 1, "compared": 1, "months_back": 1})
    client = of_unit()

    page = client.get(reverse("anomalies")).content.decode()
    assert reverse("anomaly", args=[UNIT, mine.pk]) in page
    assert reverse("anomaly", args=[UNIT, unput.pk]) not in page
    assert "ubnd-luc-nam" not in page
    assert client.get(reverse("anomaly", args=[UNIT, mine.pk])).status_code == 200
    assert client.get(reverse("anomaly", args=[UNIT, unput.pk])).status_code == 404
    assert client.get(reverse("anomaly", args=[UNIT, other.pk])).status_code == 404
    assert client.get(reverse("anomaly", args=["ubnd-luc-nam", other.pk])).status_code == 403
    assert (
        reverse("anomaly", args=["ubnd-luc-nam", other.pk])
        in whole_province().get(reverse("anomalies")).content.decode()
    )


def test_its_page_shows_the_rows_with_the_reason_given_when_they_were_sent(loaded: Loaded):
    value = DeclaredValue.objects.current().filter(unit=UNIT, period__code="2023-09")[0]
    report = Report.objects.get(unit=UNIT, period__code="2023-09")
    Explanation.objects.create(report=report, value=value, check_code="jump", text="Mở thêm điểm.", explained_at=AT)
    row = an_anomaly(loaded, refs=[["declared", value.record]], rows=1)

    page = of_unit().get(reverse("anomaly", args=[UNIT, row.pk])).content.decode()

    assert "Lý do khi gửi báo cáo: Mở thêm điểm." in page
    assert reverse("entry", args=["2023-09", UNIT]) in page


def test_what_waits_for_the_unit_stands_in_its_work(loaded: Loaded):
    row = an_anomaly(loaded)
    client = of_unit()
    assert reverse("anomaly", args=[UNIT, row.pk]) in client.get(reverse("my-work")).content.decode()

    actions.explain(anomaly=row, text="Đã đếm lại.", at=AT, by=None)
    assert reverse("anomaly", args=[UNIT, row.pk]) not in client.get(reverse("my-work")).content.decode()


def test_the_unit_explains_with_a_document_and_the_office_accepts(loaded: Loaded):
    row = an_anomaly(loaded)
    unit, judge = of_unit(), office()
    url = reverse("anomaly-explain", args=[UNIT, row.pk])
    assert unit.post(url, {"text": ""}).status_code == 422
    assert judge.post(url, {"text": "Tôi nói thay."}).status_code == 403
    bad = {"text": "Xem tệp.", "file": SimpleUploadedFile("x.pdf", b"\x00\x01")}
    assert unit.post(url, bad).status_code == 422
    good = {"text": "Xem sổ kèm theo.", "file": SimpleUploadedFile("so.pdf", PDF)}
    assert unit.post(url, good).status_code == 302
    answer = row.answers.get()
    document = reverse("anomaly-document", args=[UNIT, row.pk, answer.pk])
    assert b"".join(unit.get(document)) == PDF
    assert unit.post(reverse("anomaly-accept", args=[UNIT, row.pk])).status_code == 403
    assert judge.post(reverse("anomaly-ask-back", args=[UNIT, row.pk]), {"text": ""}).status_code == 422
    assert judge.post(reverse("anomaly-accept", args=[UNIT, row.pk])).status_code == 302

    row.refresh_from_db()
    assert row.state == AnomalyState.ACCEPTED
    assert "Xem sổ kèm theo." in judge.get(reverse("anomaly", args=[UNIT, row.pk])).content.decode()


@pytest.mark.parametrize(
    ("state", "shown"),
    [("", {"m-open", "m-said"}), ("waiting", {"m-open"}), ("explained", {"m-said"}), ("gone", {"m-gone"})],
)
def test_the_list_is_narrowed_by_state_and_comes_as_excel(loaded: Loaded, state: str, shown: set[str]):
    an_anomaly(loaded, measure="m-open")
    an_anomaly(loaded, measure="m-said", state="explained")
    an_anomaly(loaded, measure="m-gone", gone_at=AT, gone_why="changed")
    client = whole_province()

    page = client.get(reverse("anomalies"), {"state": state}).content.decode()
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("anomalies-workbook"), {"state": state}).content))
    in_file = " ".join(str(row[3]) for row in book.worksheets[0].iter_rows(values_only=True))

    for name in ("m-open", "m-said", "m-gone"):
        assert (name in page) is (name in shown)
        assert (name in in_file) is (name in shown)


def test_a_long_list_takes_no_more_queries_than_a_short_one(loaded: Loaded):
    client = whole_province()

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("anomalies")).status_code == 200
        return len(asked)

    an_anomaly(loaded, measure="m0")
    cost()
    short = cost()
    for number in range(1, 40):
        an_anomaly(loaded, measure=f"m{number}")

    assert cost() <= short


def test_only_the_office_switches_rules_and_all_see_their_rates(loaded: Loaded):
    url = reverse("anomaly-rule-switch", args=["round_numbers"])
    assert whole_province().post(url, {"is_on": "0"}).status_code == 403
    assert office().post(url, {"is_on": "0"}).status_code == 302
    assert office().post(reverse("anomaly-rule-switch", args=["none"]), {"is_on": "0"}).status_code == 404

    page = whole_province().get(reverse("anomaly-rules"))
    assert "đã tắt" in page.content.decode()
    assert "round_numbers" not in {rule.code for rule in queries.rules_on()}
    assert Entry.objects.filter(action="anomaly_rule.switch").count() == 1


FACTS = {
    "copied_month": {"same": 9, "compared": 10, "months_back": 2},
    "above_evidence": {"declared": 900, "evidenced": 500, "excess": 400},
    "late_records": {"late": 30, "total": 200, "days": 15},
    "distant_places": {"people": 4, "minutes": 8, "kilometres": -1, "place": "heritage_site:x", "other_place": "y"},
    "crowded_minute": {"most": 20, "events": 24, "device": "TB-001", "place": "heritage_site:x"},
    "all_rise": {"rising": 9, "compared": 10, "percent": 160, "others_percent": 101},
    "same_for_months": {"value": 120, "months": 6},
    "jump_before_deadline": {"value": 520, "before": 100, "usual": 100, "rise": 420},
    "round_numbers": {"round": 9, "values": 10, "months": 1},
}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_rule_has_its_sentence_in_both_languages(loaded: Loaded, language: str):
    rows = [an_anomaly(loaded, rule=rule.code, facts=FACTS[rule.code]) for rule in shipped().rules]
    with translation.override(language):
        lines = screen.lines_of(loaded, rows)

    assert all(line.sentence and "%(" not in line.sentence for line in lines)
    assert len({line.sentence for line in lines}) == len(lines)
    assert all("gian lận" not in line.sentence.casefold() for line in lines)
