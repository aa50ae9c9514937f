"""
One month of one unit, in a browser: typed, uploaded with ten faults, mended, sent, returned, approved, accepted, printed, corrected.

It has a served demo of its own, whose clock it moves from July to August.
"""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from diem06.core.sheets import templates
from diem06.core.sheets.reading import read_workbook
from tests.browser.site import Site, demo_site
from tests.server import diem06, python

UNIT, PERIOD, REPORTER, HEAD, OFFICE = "ubnd-tan-yen", "2024-07", "bc-tan-yen", "ld-tan-yen", "thuong-truc"
HOME = f"/my-work/{PERIOD}/{UNIT}/"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
CLOCK = """
from datetime import datetime
from zoneinfo import ZoneInfo
from django.conf import settings
from diem06.config.clock import set_clock
set_clock(settings.DIEM06_DATA, datetime.fromisoformat({at!r}).replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")))
"""
# What the unit has to say: the same maker of values as the demo's, a year further on.
VALUES = f"""
import json
from diem06.core.areas.queries import areas_on
from diem06.core.plans.queries import loaded_plan
from diem06.reports.demo import SEED
from diem06.reports.demo_values import Province
from diem06.reports.entry_form import owed_cells
from diem06.reports.models import Report
report = Report.objects.get(unit={UNIT!r}, period__code={PERIOD!r})
tree, province = areas_on(report.period.last_day), Province(SEED)
owed = owed_cells(report, loaded_plan().plan)
print(json.dumps({{n: province.value(c, month=12, tree=tree, level="district") for n, c in owed.items()}}))
"""
WRONG = ["mười hai", "12a", "-5", "1,5", "31/02/2024", "3.7.2", "#N/A", "hai chục", "∞", "12 hồ sơ"]


@pytest.fixture(scope="module")
def july(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A served demo at eight in the morning of the day before the month ends."""
    with demo_site(demo, tmp_path_factory.mktemp("journey") / "data") as site:
        set_clock(site, "2024-07-13T08:00")
        yield site


def set_clock(site: Site, at: str) -> None:
    python(site.data, CLOCK.format(at=at))


def filled_in(template: bytes, values: dict[str, int], *, wrong: list[str]) -> bytes:
    """Return the template with `values` in its cells; the last of them hold what is `wrong` instead."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    places = {}
    for keyed in templates.keyed_cells(read_workbook(template)):
        if keyed.column == "value":
            places[keyed.row] = keyed
        elif "|" in (keyed.column or ""):
            measure, dimensions, day = keyed.column.split("|")
            places[f"v|{measure}|{dimensions}|{keyed.row}|{day}"] = keyed
    assert set(values) <= set(places)
    answers = {**values, **dict(zip(reversed(values), wrong, strict=False))}
    for name, value in answers.items():
        book[places[name].sheet][places[name].coordinate].value = value
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def upload(page: Page, content: bytes) -> None:
    """Send a workbook on the upload page; the browser then stands on the preview."""
    page.goto(f"{HOME}upload/")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files("input[type=file]", {"name": "thang-7.xlsx", "mimeType": kind, "buffer": content})
    page.get_by_role("button", name="Tải lên và xem trước").click()
    expect(page.locator("h1")).to_have_text("Xem trước khi nạp")


def download(page: Page, name: str) -> bytes:
    """Press a link or button that hands out a file."""
    with page.expect_download() as sent:
        page.get_by_text(name, exact=True).first.click()
    return Path(sent.value.path()).read_bytes()


def count(page: Page, words: str) -> int:
    """Return one of the counts of the preview."""
    row = page.locator(".sheet-counts li").filter(has_text=words)
    return int(re.sub(r"\D", "", row.inner_text()))


def submit(page: Page) -> None:
    """Check and send the report, with a reason wherever one is asked."""
    page.goto(f"{HOME}submit/")
    for field in page.locator("textarea[name^='r-']").all():
        field.fill("Đã đối chiếu với sổ của bộ phận một cửa.")
    page.get_by_role("button", name="Trình người đứng đầu duyệt").click()
    expect(page.locator("main")).to_contain_text("Đã trình người đứng đầu")


def approve(page: Page, number: str, day: str) -> None:
    """Approve as the head, with the signed document."""
    page.goto(f"{HOME}#approve")
    page.fill("[name=number]", number)
    page.fill("[name=day]", day)
    page.fill("[name=hour]", "07:30")
    page.set_input_files("[name=pdf]", {"name": "da-ky.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_role("button", name="Duyệt", exact=True).click()
    expect(page.locator("main")).to_contain_text(number)


def test_a_month_from_the_first_number_to_a_correction_in_august(  # noqa: PLR0915 -- one story
    july: Site, page_at, sign_in_at, tmp_path: Path
) -> None:
    """Nothing goes on before it is right, each step says who is next, and July's report stays readable for ever."""
    values: dict[str, int] = json.loads(python(july.data, VALUES))
    reporter, head, office = (page_at(1366, 768, home=july.url, expects=["422"]) for _ in range(3))
    for page, person in ((reporter, REPORTER), (head, HEAD), (office, OFFICE)):
        sign_in_at(july, page, person)

    # The first two numbers by keyboard alone.
    reporter.goto(HOME)
    reporter.locator(".g .in > input").first.focus()
    typed: list[str] = []
    for _ in range(2):
        typed.append(reporter.evaluate("document.activeElement.name"))
        with reporter.expect_response(lambda answer: answer.url.endswith("/values/")):
            reporter.keyboard.type(str(values[typed[-1]]))
            reporter.keyboard.press("Enter")
    first, second = typed
    assert first != second
    expect(reporter.locator("#saved")).to_have_text(re.compile(r"^Đã lưu \d\d:\d\d"))

    # The rest in Excel: ten faults are named, nothing is loaded, the file comes back with comments.
    template = download(reporter, "Mẫu Excel")
    upload(reporter, filled_in(template, values, wrong=WRONG))
    assert count(reporter, "Sai") == len(WRONG)
    assert count(reporter, "Giữ nguyên") == 2
    commented = openpyxl.load_workbook(io.BytesIO(download(reporter, "Tải tệp có ghi chú")))
    comments = [cell.comment for sheet in commented for row in sheet.iter_rows() for cell in row if cell.comment]
    assert len([one for one in comments if one.text]) >= len(WRONG)
    assert json.loads(python(july.data, STORED))["values"] == 2

    # Mended, loaded, checked, sent.
    upload(reporter, filled_in(template, values, wrong=[]))
    assert count(reporter, "Sai") == 0
    reporter.get_by_role("button", name=re.compile(r"^Lưu \d+ dòng$")).click()
    expect(reporter.locator("main")).to_contain_text(re.compile("Đã nạp|Đang nạp"), timeout=60_000)
    assert_eventually(july, lambda stored: stored["values"] == len(values))
    reporter.goto(HOME)
    reporter.locator("textarea").first.fill("Đã mở 14 điểm hướng dẫn ở các xã.")
    with reporter.expect_response(lambda answer: answer.url.endswith("/narratives/")):
        reporter.keyboard.press("Tab")
    submit(reporter)

    # The head returns one cell; it opens with the reason; the reporter mends it and sends again.
    head.goto(f"{HOME}reading/")
    head.locator(f"input[name=cell][value='{first}']").check()
    head.get_by_role("button", name="Trả lại").click()
    head.fill("[name=reason]", "Số cán bộ chưa trừ người nghỉ hưu.")
    head.get_by_role("button", name="Trả lại").click()
    expect(head.locator("main")).to_contain_text("Số cán bộ chưa trừ người nghỉ hưu.")
    reporter.goto(HOME)
    expect(reporter.locator("main")).to_contain_text("Số cán bộ chưa trừ người nghỉ hưu.")
    mended = values[first] + 1
    field = reporter.locator(f"[name='{first}']")
    with reporter.expect_response(lambda answer: answer.url.endswith("/values/")):
        field.fill(str(mended))
        field.press("Enter")
    submit(reporter)
    approve(head, "77/BC-UBND", "13/07/2024")

    # The office compiles and accepts; the Word file carries the number and passes its check.
    office.goto(f"{HOME}reading/")
    office.get_by_role("button", name="Tiếp nhận").click()
    expect(office.locator("main")).to_contain_text("bản 1")
    office.goto(f"/reports/{PERIOD}/compile/")
    expect(office.locator("main")).to_contain_text("Đã mở 14 điểm hướng dẫn ở các xã.")
    file = tmp_path / "police.docx"
    office.goto(f"/reports/{PERIOD}/police/")
    with office.expect_download() as sent:
        office.locator("form.word-form button[type=submit]").click()
    sent.value.save_as(file)
    assert "Đã mở 14 điểm hướng dẫn ở các xã." in words_of(file)
    checked = diem06(july.data, "report", "verify", str(file), check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    # August: the office opens the report again, the unit corrects it, July's version stays.
    set_clock(july, "2024-08-10T09:00")
    reporter.goto(f"{HOME}correct/")
    reporter.fill("[name=reason]", "Bỏ sót 9 cán bộ của xã Cao Xá.")
    reporter.get_by_role("button", name="Mở bản sửa").click()
    office.goto(f"/reports/{PERIOD}/reopen/{UNIT}/")
    office.fill("[name=until]", "15/08/2024")
    office.fill("[name=reason]", "Theo đề nghị của UBND huyện.")
    office.get_by_role("button", name="Mở lại").click()
    reporter.goto(HOME)
    field = reporter.locator(f"[name='{first}']")
    with reporter.expect_response(lambda answer: answer.url.endswith("/values/")):
        field.fill(str(mended + 9))
        field.press("Enter")
    submit(reporter)
    approve(head, "91/BC-UBND", "10/08/2024")
    office.goto(f"{HOME}reading/")
    office.get_by_role("button", name="Tiếp nhận").click()
    expect(office.locator("main")).to_contain_text("bản 2")
    office.goto(f"{HOME}reading/")
    row = f"tr[id='{first}'] .val"
    expect(office.locator(row)).to_have_text(vietnamese(mended + 9))
    office.get_by_role("link", name=re.compile(r"^Bản 1")).first.click()
    expect(office.locator(row)).to_have_text(vietnamese(mended))
    office.goto(f"{HOME}differences/?from=1&to=2")
    expect(office.locator("main")).to_contain_text(vietnamese(mended + 9))
    assert json.loads(python(july.data, STORED))["in_time"], "a correction does not undo the first approval"


STORED = f"""
import json
from diem06.reports.models import DeclaredValue, Report
report = Report.objects.get(unit={UNIT!r}, period__code={PERIOD!r})
values = DeclaredValue.objects.current().filter(period=report.period, unit=report.unit).count()
print(json.dumps({{"values": values, "in_time": report.first_approved_at is not None and not report.is_late}}))
"""


def assert_eventually(site: Site, holds) -> None:
    """Ask the installation a few times: a long upload is loaded by its worker."""
    for _ in range(30):
        if holds(json.loads(python(site.data, STORED))):
            return
    raise AssertionError(python(site.data, STORED))


def words_of(file: Path) -> str:
    from vnlib.documents import read

    return read(file.read_bytes()).text


def vietnamese(number: int) -> str:
    return f"{number:,}".replace(",", ".")
