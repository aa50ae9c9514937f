"""The desk in Chromium: scans are kept without a network and through a kill, arrive once, and are shown with what became of them."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import itertools
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from diem06.config.static_files import ManifestStorage
from tests.browser import desk
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.desk import CARD, CONFLICT, OTHER_CARD, DeskSite, Wedge
from tests.server import python
from vnlib.identity.mrz import read_mrz
from vnlib.identity.qr import read_card_qr

OFFLINE = [r"ERR_INTERNET_DISCONNECTED", r"ERR_CONNECTION"]
SIZES = [(1366, 768), (360, 740)]
LIGHTEST = 150 * 1024  # bytes of everything but the wasm, compressed
STATIC = Path(__file__).parent.parent.parent / "src/diem06/desk/static/desk"


@pytest.fixture(scope="module")
def _site(copy_migrated, tmp_path_factory) -> Iterator[DeskSite]:
    served = DeskSite(copy_migrated(tmp_path_factory.mktemp("desk")))
    yield served
    if served.is_up:
        served.server.stop()


@pytest.fixture
def site(_site) -> DeskSite:
    """The desk's server; up, whatever the test before did to it."""
    if not _site.is_up:
        _site.restart()
    return _site


@pytest.fixture(scope="module", autouse=True)
def _patience() -> Iterator[None]:
    """A record is on the disk before it is shown: on a busy machine that takes its time."""
    expect.set_options(timeout=15_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def page_of_desk(site, page_at):
    """`page_of_desk(width, height, ...)` opens a page at the desk's server."""
    return lambda width=360, height=740, **more: page_at(width, height, home=site.url, **more)


def waiting(page: Page) -> int:
    """Return how many records the screen says are waiting."""
    found = re.search(r"\d+", page.inner_text("#queue-title"))
    assert found
    return int(found[0])


def arrived(site: DeskSite, device: str, count: int) -> list[list[Any]]:
    """Return what has arrived, once it is `count` events."""
    until = time.monotonic() + 20
    while len(rows := site.events(device)) < count and time.monotonic() < until:
        time.sleep(0.2)
    return rows


# -- the two that the desk exists for ----------------------------------------------------------------------------------
@contextmanager
def browser_in(chromium: Browser, profile: Path) -> Iterator[BrowserContext]:
    """Open a browser with a profile on the disk, as a desk has it."""
    context = chromium.browser_type.launch_persistent_context(
        str(profile), executable_path=CHROMIUM, args=FLAGS, viewport={"width": 360, "height": 740}, locale="vi"
    )
    context.set_default_timeout(20_000)
    yield context
    with suppress(Exception):  # it may have been killed
        context.close()


def damaged_and_clean(count: int) -> tuple[list[str], list[str]]:
    """Return the texts of every damage vector that keys can type, and clean cards up to `count` in all."""
    with (desk.DATA / "qr_damage_vectors.csv").open(encoding="utf-8", newline="") as rows:
        raws = list(dict.fromkeys(row["raw"] for row in csv.DictReader(rows)))
    typed = [raw for raw in raws if raw and not re.search(r"[\r\n\t\x00-\x1f\x7f]", raw)]
    return typed, desk.made_up_cards(count - len(typed))


def scan_damaged(page: Page, texts: list[str]) -> None:
    """Scan damaged texts. Where one does not look whole, only silence ends it: the scanner rests longer."""
    whole = [text for text in texts if text.count("|") in (6, 10) and re.match(r"\d{12}\|", text)]
    desk.scan_many(page, whole, rest=0)
    desk.scan_many(page, [text for text in texts if text not in whole], rest=260)


def test_200_scans_without_a_network_and_a_killed_browser_arrive_once(site, chromium, tmp_path):
    """Every scan arrives once and in order, with no gap; every refused one is on the screen with its reason."""
    damaged, clean = damaged_and_clean(200)
    with browser_in(chromium, tmp_path) as context:
        page = context.pages[0]
        device = desk.enrol(site, page)
        context.set_offline(True)
        desk.scan_many(page, clean, rest=0)
        scan_damaged(page, damaged)
        expect(page.locator("#queue-title")).to_have_text("200 bản ghi chờ gửi")
        desk.kill_browser(tmp_path)
    assert site.events(device) == []
    with browser_in(chromium, tmp_path) as context:
        context.set_offline(True)
        page = context.pages[0]
        page.goto(f"{site.url}/desk/")
        expect(page.locator("#unlock-waiting")).to_contain_text("200 bản ghi chờ gửi")
        desk.unlock(page)
        expect(page.locator("#screen-desk")).to_be_visible(timeout=15_000)
        expect(page.locator("#queue-title")).to_have_text("200 bản ghi chờ gửi")
        expect(page.locator("#net")).to_have_text("Mất mạng")
        context.set_offline(False)
        expect(page.locator("#queue-title")).to_have_text("0 bản ghi chờ gửi", timeout=30_000)
        rows = site.events(device)
        assert [row[1] for row in rows] == list(range(1, 201))
        assert len({row[0] for row in rows}) == 200
        rejected = [row for row in rows if row[3] == "rejected"]
        assert len(rejected) > 20
        page.click("#open-rejected")
        expect(page.locator("#rejected li")).to_have_count(len(rejected))
        shown = page.locator("#rejected li > span:nth-child(2)").all_inner_texts()
        assert all(len(words.split()) > 3 for words in shown), shown


def test_a_server_killed_in_the_middle_of_the_upload_takes_every_scan_once(site, chromium, tmp_path):
    """The answer to one part of the queue was read, the next part is on its way: kill -9. Afterwards nothing is lost or doubled."""
    with browser_in(chromium, tmp_path) as context:
        page = context.pages[0]
        device = desk.enrol(site, page)
        context.set_offline(True)
        damaged, _clean = damaged_and_clean(200)
        desk.scan_many(page, desk.made_up_cards(120), rest=0)
        scan_damaged(page, damaged[:12])
        expect(page.locator("#queue-title")).to_have_text("132 bản ghi chờ gửi")
        first = site.server
        parts = itertools.count(1)

        def send_and_kill_at_the_second(route: Route) -> None:
            # A part is sent when the answer to the one before was read, whole. The response's own event comes before its body.
            number = next(parts)
            route.continue_()
            if number == 2:
                first.kill()

        context.route("**/desk/api/events/", send_and_kill_at_the_second)
        context.set_offline(False)
        expect(page.locator("#queue-title")).not_to_have_text("132 bản ghi chờ gửi", timeout=20_000)
        expect(page.locator("#net")).to_have_text("Mất mạng", timeout=20_000)
        assert 0 < waiting(page) < 132
        site.restart()
        page.click("#send")
        expect(page.locator("#queue-title")).to_have_text("0 bản ghi chờ gửi", timeout=30_000)
    rows = site.events(device)
    assert [row[1] for row in rows] == list(range(1, 133))
    assert len({row[0] for row in rows}) == 132


# -- the reader on the device ------------------------------------------------------------------------------------------
def vectors() -> list[str]:
    texts = []
    for name, column in (("qr_vectors", "raw"), ("qr_damage_vectors", "raw"), ("mrz_vectors", "mrz")):
        with (desk.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as rows:
            texts += [
                row[column].replace("\\n", "\n") if column == "mrz" else row[column] for row in csv.DictReader(rows)
            ]
    return texts


def misread_zones() -> list[str]:
    """Return each valid zone with one digit read as another."""
    with (desk.DATA / "mrz_vectors.csv").open(encoding="utf-8", newline="") as rows:
        zones = [row["mrz"].replace("\\n", "\n") for row in csv.DictReader(rows) if row["verdict"] == "valid"]
    return [
        f"{zone[:place]}{(int(sign) + 1 + place % 9) % 10}{zone[place + 1 :]}"
        for zone in zones
        for place, sign in enumerate(zone)
        if sign.isdigit()
    ]


_READ_ALL = """
async ([texts, today]) => {
  const loaded = performance.getEntriesByType("resource").map((each) => each.name).find((name) => /desk\\/reader\\./.test(name));
  const reader = await import(loaded);
  return texts.map((text) => reader.read(text, today));
}
"""


def test_the_device_never_contradicts_the_server_about_a_scan(page_of_desk):
    """What it refuses the library refuses; what it calls ok the library accepts with the same number, birth and sex."""
    page = page_of_desk()
    page.goto("/desk/test/")
    expect(page.locator("#said")).not_to_be_empty()
    today = dt.date(2026, 11, 27)
    texts = vectors() + misread_zones()
    verdicts = dict.fromkeys(("ok", "to_check", "refused"), 0)
    for text, seen in zip(texts, page.evaluate(_READ_ALL, [texts, today.isoformat()]), strict=True):
        verdicts[seen["verdict"]] += 1
        reading = (read_mrz if seen.get("how") == "mrz" else read_card_qr)(text, today=today)
        is_refused = reading.verdict in ("refused", "invalid")
        if seen["verdict"] == "refused":
            assert is_refused, text
            assert seen["reason"]
        elif seen["verdict"] == "ok":
            assert not is_refused, text
            fields, person = reading.fields, seen["person"]
            number = (
                fields.get("number")
                or fields.get("citizen_number")
                or f"{fields['issuer']}:{fields['document_number']}"
            )
            sex = {"M": "Nam", "F": "Nữ"}.get(fields["sex"], fields["sex"])
            assert (person["number"], person["birth"], person["sex"]) == (
                number,
                str(fields.get("dob") or fields["birth"]),
                sex,
            )
    assert verdicts["ok"] > 25
    assert verdicts["refused"] > 12 + 0.9 * len(misread_zones())


# -- scanners that type ------------------------------------------------------------------------------------------------
def test_a_scanner_needs_no_focus_and_presses_no_button(site, page_of_desk):
    """A scan while a button has the focus is a scan: neither its Enter nor its spaces press the button."""
    page = page_of_desk()
    wedge = Wedge(page)
    desk.enrol(site, page)
    page.focus("#open-settings")
    wedge.scan(CARD)
    expect(page.locator("#hit .p")).to_contain_text("Nguyễn Văn T")
    expect(page.locator("#screen-desk")).to_be_visible()
    # Two in quick succession, the second without a suffix: silence ends it.
    wedge.scan(OTHER_CARD)
    wedge.scan(desk.made_up_cards(1)[0], suffix="")
    expect(page.locator("#list li")).to_have_count(3)
    expect(page.locator("#list li").nth(1)).to_contain_text("Trần Thị Kiểm Đ. · …0002")
    expect(page.locator("#list li").nth(0)).to_contain_text("Nguyễn Văn M. · …0000")
    # The same card once more is the same showing of it.
    wedge.scan(desk.made_up_cards(1)[0])
    expect(page.locator("#hit")).to_contain_text("Thẻ này vừa quét")
    expect(page.locator("#list li")).to_have_count(3)


def test_a_scan_into_a_field_is_taken_and_typing_is_left_alone(site, page_of_desk):
    """What a person types stays in the field; a scan, also one that an input method composed, leaves the field as it was."""
    page = page_of_desk()
    wedge = Wedge(page)
    desk.enrol(site, page)
    page.keyboard.press("F2")
    page.locator("#typed-name").press_sequentially("Trần Minh", delay=60)
    expect(page.locator("#typed-name")).to_have_value("Trần Minh")
    wedge.scan(CARD)
    expect(page.locator("#hit .p")).to_contain_text("Nguyễn Văn T")
    page.keyboard.press("F2")
    page.focus("#typed-name")
    # The input method corrects itself: it takes back a letter and puts another one in its place.
    wedge.scan(OTHER_CARD.replace("Trần", "Tra\bần"), suffix="")
    expect(page.locator("#list li").first).to_contain_text("Trần Thị Kiểm Đ. · …0002")
    page.keyboard.press("F2")
    page.focus("#typed-name")
    wedge.compose(desk.made_up_cards(1)[0])
    expect(page.locator("#list li").first).to_contain_text("Nguyễn Văn M. · …0000")
    page.keyboard.press("F2")
    expect(page.locator("#typed-name")).to_have_value("")


def test_a_receipt_does_not_take_the_focus_from_who_walks_the_list(site, page_of_desk):
    """Two scans without network; one row has the focus while both are sent and answered."""
    page = page_of_desk(1366, 768)
    desk.enrol(site, page)
    page.context.set_offline(True)
    for people in ("3", "4"):
        page.keyboard.press("+")
        expect(page.locator("#ask-count")).to_be_focused()
        page.keyboard.type(people)
        page.keyboard.press("Enter")
        expect(page.locator("#hit .p")).to_have_text(f"{people} người")
    rows = page.locator("#list li")
    expect(rows).to_have_count(2)
    rows.last.locator("button").focus()
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(rows.first).to_contain_text("đã nhận")
    expect(rows.last).to_contain_text("đã nhận")
    expect(rows.last.locator("button")).to_be_focused()


def test_keys_alone_do_everything(site, page_of_desk):
    """An act by its key, a count, typed entry with its reason, an annulment: the server gets what was meant."""
    page = page_of_desk(1366, 768)
    device = desk.enrol(site, page)
    page.keyboard.press("+")
    expect(page.locator("#ask-count")).to_be_focused()
    page.keyboard.type("17")
    page.keyboard.press("Enter")
    expect(page.locator("#hit .p")).to_have_text("17 người")
    page.keyboard.press("r")
    expect(page.locator('#modes [aria-pressed="true"]')).to_have_text("Ra")
    page.keyboard.press("v")
    expect(page.locator('#modes [aria-pressed="true"]')).to_have_text("Vào")
    page.keyboard.press("F2")
    page.keyboard.type("024071900000", delay=60)
    page.keyboard.press("Enter")
    expect(page.locator("#typed-error")).to_have_text("Nhập lý do.")
    page.keyboard.type("Thẻ mờ", delay=60)
    page.keyboard.press("Enter")
    expect(page.locator("#list li")).to_have_count(2)
    expect(page.locator("#list li").first).to_contain_text("đã nhận")
    page.locator("#list button").first.press("Enter")
    expect(page.locator("#annul")).to_be_visible()
    page.locator("#annul").press("Enter")
    expect(page.locator("#detail-said")).not_to_be_empty()
    page.locator("#annul").press("Enter")
    expect(page.locator("#list li")).to_have_count(3)
    rows = arrived(site, device, 3)
    assert [(row[2], row[3], row[5]) for row in rows] == [
        ("count_in", "accepted", 17),
        ("enter", "accepted", 1),
        ("enter", "accepted", 1),
    ]


def test_a_group_is_one_scan_and_a_count(site, page_of_desk):
    page = page_of_desk()
    device = desk.enrol(site, page)
    page.keyboard.press("d")
    expect(page.locator("#ask-count")).to_be_focused()
    page.fill("#ask-count", "24")
    page.click("#ask-do")
    expect(page.locator("#hit")).to_contain_text("24 người")
    desk.scan_many(page, [CARD], rest=0)
    expect(page.locator("#hit")).to_contain_text("máy chủ đã nhận")
    assert [(row[2], row[5]) for row in site.events(device)] == [("group", 24)]


# -- what must never be said wrongly -----------------------------------------------------------------------------------
# What a browser does when the disk is full: it takes the write, and breaks the transaction off.
_FULL_DISK = """() => {
  IDBObjectStore.prototype.add = function () { this.transaction.abort(); };
  Object.defineProperty(IDBTransaction.prototype, "error", { get: () => new DOMException("full", "QuotaExceededError") });
}"""


def test_a_full_disk_is_told_and_nothing_is_called_stored(site, page_of_desk):
    page = page_of_desk()
    device = desk.enrol(site, page)
    page.evaluate(_FULL_DISK)
    desk.scan_many(page, [CARD], rest=0)
    expect(page.locator("#hit")).to_contain_text("Bộ nhớ máy đã đầy: lượt này KHÔNG được lưu")
    expect(page.locator("#list li")).to_have_count(0)
    assert site.events(device) == []


def test_a_refused_card_is_red_and_leaves_only_its_reason(site, page_of_desk):
    """The device refuses it at once; no person is in what it sends; it stays on the screen until somebody has dealt with it."""
    page = page_of_desk()
    bodies: list[dict[str, Any]] = []
    page.on(
        "request", lambda sent: bodies.append(sent.post_data_json) if sent.url.endswith("/desk/api/events/") else None
    )
    device = desk.enrol(site, page)
    desk.scan_many(page, [CONFLICT], rest=0)
    expect(page.locator("#hit")).to_have_class("hit hit-bad")
    expect(page.locator("#hit")).to_contain_text("Số định danh không khớp ngày sinh hoặc giới tính")
    expect(page.locator("#list")).to_contain_text("bị từ chối")
    assert [row[3:5] for row in arrived(site, device, 1)] == [["rejected", "number_sex_conflict"]]
    assert "034303900003" not in json.dumps(bodies)
    page.click("#open-rejected")
    page.click("#rejected .b")
    expect(page.locator("#rejected-none")).to_be_visible()


def test_refused_scans_are_dealt_with_at_once(site, page_of_desk):
    """A button for all of them, where there is more than one."""
    page = page_of_desk()
    desk.enrol(site, page)
    desk.scan_many(page, [CONFLICT, "https://example.test/", "https://example.test/2"], rest=260)
    expect(page.locator("#open-rejected")).to_contain_text("3 lượt")
    page.click("#open-rejected")
    expect(page.locator("#dismiss-all")).to_have_text("Đã xử lý cả 3 lượt")
    page.click("#dismiss-all")
    expect(page.locator("#rejected-none")).to_be_visible()
    expect(page.locator("#dismiss-all")).to_be_hidden()


def test_nothing_of_a_person_lies_open_on_the_device(site, page_of_desk):
    """What IndexedDB holds of a waiting scan is sealed; the keys cannot be taken out."""
    page = page_of_desk(expects=OFFLINE)
    desk.enrol(site, page)
    page.context.set_offline(True)
    desk.scan_many(page, [CARD], rest=0)
    expect(page.locator("#queue-title")).to_have_text("1 bản ghi chờ gửi")
    kept = page.evaluate(
        """async () => {
          const open = await new Promise((done) => { indexedDB.open("diem06-desk").onsuccess = (e) => done(e.target.result); });
          const all = (name) => new Promise((done) => { open.transaction(name).objectStore(name).getAll().onsuccess = (e) => done(e.target.result); });
          const texts = [];
          const walk = (value) => {
            if (value instanceof CryptoKey) texts.push(`key extractable: ${value.extractable}`);
            else if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) texts.push(new TextDecoder("latin1").decode(value));
            else if (value && typeof value === "object") Object.values(value).forEach(walk);
            else texts.push(String(value));
          };
          walk([await all("device"), await all("events")]);
          return texts.join(" ");
        }"""
    )
    assert "key extractable: false" in kept
    assert "key extractable: true" not in kept
    assert "001090900001" not in kept
    assert "Th\u1eed" not in kept


# -- PIN, export, withdrawal -------------------------------------------------------------------------------------------
_IMPORT = """
from datetime import datetime, timezone
from pathlib import Path
from diem06.desk import actions
from diem06.desk.models import Device
from diem06.core.organisation.models import User
by = User.objects.first() or User.objects.create(username="quan-tri")
device = Device.objects.get(code={code!r})
receipts = actions.import_queue(device=device, file=Path({file!r}).read_bytes(), by=by.pk, at=datetime.now(timezone.utc))
print([int(receipt.http) for receipt in receipts])
"""


def saved_file(page: Page, button: str, file: Path) -> Path:
    with page.expect_download() as saved:
        page.click(button)
    saved.value.save_as(file)
    assert "001090900001" not in file.read_text(encoding="utf-8")
    return file


def test_the_saved_queue_reaches_the_server_without_a_network(site, page_of_desk, tmp_path):
    """The last resort of a device that cannot send: a file that only the server opens."""
    page = page_of_desk(expects=OFFLINE)
    device = desk.enrol(site, page)
    page.context.set_offline(True)
    desk.scan_many(page, [CARD, OTHER_CARD], rest=0)
    expect(page.locator("#queue-title")).to_have_text("2 bản ghi chờ gửi")
    page.click("#open-settings")
    file = saved_file(page, "#export", tmp_path / "queue.json")
    assert python(site.data, _IMPORT.format(code=device, file=str(file))).strip() == "[201, 201]"
    assert [row[1] for row in site.events(device)] == [1, 2]


def test_a_forgotten_pin_holds_off_guesses_and_loses_nothing(site, page_of_desk, tmp_path):
    """Wrong PINs are made to wait; the records can still be saved for the server, which alone opens them."""
    page = page_of_desk(expects=OFFLINE)
    device = desk.enrol(site, page)
    page.context.set_offline(True)
    desk.scan_many(page, [CARD, OTHER_CARD], rest=0)
    expect(page.locator("#queue-title")).to_have_text("2 bản ghi chờ gửi")
    page.click("#open-settings")
    page.click("#lock")
    for _try in range(3):
        desk.unlock(page, "111111")
        expect(page.locator("#unlock:not([aria-busy])")).to_be_visible()
    expect(page.locator("#unlock-error")).to_contain_text("Đợi 5 giây")
    desk.unlock(page)  # the right one, too early
    expect(page.locator("#unlock-error")).to_contain_text("Đợi")
    page.click(".forgotten summary")
    file = saved_file(page, "#forgotten-export", tmp_path / "queue.json")
    assert python(site.data, _IMPORT.format(code=device, file=str(file))).strip() == "[201, 201]"
    assert [row[1:4] for row in site.events(device)] == [[1, "enter", "accepted"], [2, "enter", "accepted"]]


_REVOKE = """
from datetime import datetime, timezone
from diem06.desk import actions
from diem06.desk.models import Device
actions.revoke(device=Device.objects.get(code={code!r}), takes_queue=True, wipes=True, by=None, at=datetime.now(timezone.utc))
"""
_WIPED = "from diem06.desk.models import Device\nprint(Device.objects.get(code={code!r}).wiped_left)"


def test_a_withdrawn_device_sends_what_it_has_and_empties_itself(site, page_of_desk, axe):
    page = page_of_desk(expects=[*OFFLINE, r"^403 "])
    device = desk.enrol(site, page)
    page.context.set_offline(True)
    desk.scan_many(page, [CARD], rest=0)
    expect(page.locator("#queue-title")).to_have_text("1 bản ghi chờ gửi")
    python(site.data, _REVOKE.format(code=device))
    page.context.set_offline(False)
    expect(page.locator("#screen-wiped")).to_be_visible(timeout=20_000)
    page.wait_for_function("async () => !(await indexedDB.databases()).length && !(await caches.keys()).length")
    assert [row[3] for row in site.events(device)] == ["accepted"]
    assert python(site.data, _WIPED.format(code=device)).strip() == "0"
    assert faults_at_sizes(page, axe) == []


def test_a_device_that_nobody_uses_locks_itself_and_sends_on(site, page_of_desk):
    """After ten minutes nothing of anybody is on the screen, a scan is not taken, and what waits goes when the network is back."""
    page = page_of_desk(expects=OFFLINE)
    page.clock.install()
    device = desk.enrol(site, page)
    page.context.set_offline(True)
    desk.scan_many(page, [CARD], rest=0)
    expect(page.locator("#queue-title")).to_have_text("1 bản ghi chờ gửi")
    page.clock.fast_forward("09:00")
    expect(page.locator("#screen-desk")).to_be_visible()
    page.keyboard.press("v")  # somebody is there
    page.clock.fast_forward("09:00")
    expect(page.locator("#screen-desk")).to_be_visible()
    page.clock.fast_forward("02:00")
    expect(page.locator("#screen-unlock")).to_be_visible()
    expect(page.locator("#unlock-waiting")).to_contain_text("1 bản ghi chờ gửi trên máy, cũ nhất đã chờ 20 phút")
    expect(page.locator("#unlock-waiting")).to_contain_text("Máy vẫn gửi tiếp khi có mạng")
    assert "Nguyễn" not in page.content()
    desk.scan_many(page, [OTHER_CARD], rest=0)
    expect(page.locator("#notices")).to_contain_text("lượt quét vừa rồi không được lưu")
    page.context.set_offline(False)
    expect(page.locator("#unlock-waiting")).to_have_text("Không có bản ghi chờ gửi trên máy.")
    assert [row[1] for row in site.events(device)] == [1]
    desk.unlock(page)
    expect(page.locator("#list li")).to_have_count(1)


def test_a_restarted_device_says_that_its_records_wait_for_the_pin(site, page_of_desk):
    """On its screen, and to the unit: without the PIN they are sealed and cannot be sent."""
    page = page_of_desk(expects=OFFLINE)
    device = desk.enrol(site, page)
    page.context.set_offline(True)
    desk.scan_many(page, [CARD], rest=0)
    expect(page.locator("#queue-title")).to_have_text("1 bản ghi chờ gửi")
    page.reload()
    expect(page.locator("#unlock-waiting")).to_contain_text("1 bản ghi chờ gửi trên máy")
    expect(page.locator("#unlock-waiting")).to_contain_text("Nhập PIN để gửi")
    page.context.set_offline(False)
    until = time.monotonic() + 20
    while site.queue_told(device) != 1 and time.monotonic() < until:
        time.sleep(0.2)
    assert (site.queue_told(device), site.events(device)) == (1, [])
    desk.unlock(page)
    expect(page.locator("#queue-title")).to_have_text("0 bản ghi chờ gửi")
    expect(page.locator("#list li")).to_contain_text("đã nhận")
    assert site.queue_told(device) == 0


@pytest.mark.parametrize("pin", ["123", "111111", "234567", "98765432"])
def test_a_pin_that_is_guessed_first_is_refused(site, page_of_desk, pin):
    page = page_of_desk()
    desk.show_code(site, page)
    page.fill("#pin-first", pin)
    page.fill("#pin-second", pin)
    page.click("#pin .b-1")
    expect(page.locator("#pin-error")).not_to_be_empty()
    expect(page.locator("#screen-pin")).to_be_visible()


# -- warnings ----------------------------------------------------------------------------------------------------------
_FAST_CLOCK = "const now = Date.now; Date.now = () => now() + 600000;"
_LITTLE_ROOM = "navigator.storage.estimate = () => Promise.resolve({quota: 2e9, usage: 2e9 - 30 * 1048576});"


def test_a_wrong_clock_and_little_room_are_told(site, page_of_desk):
    """The clock by how much it is off, the room by how much is left; a scan is taken all the same, and is to be looked at."""
    page = page_of_desk()
    page.add_init_script(_FAST_CLOCK + _LITTLE_ROOM)
    device = desk.enrol(site, page)
    expect(page.locator("#notices")).to_contain_text("Đồng hồ máy lệch 10 phút so với máy chủ")
    expect(page.locator("#notices")).to_contain_text("Bộ nhớ còn 30 MB")
    desk.scan_many(page, [CARD], rest=0)
    expect(page.locator("#list li")).to_contain_text("xem lại")
    expect(page.locator("#hit")).to_contain_text("Đồng hồ của máy sai")
    assert [row[2:4] for row in site.events(device)] == [["enter", "conflict"]]


# The same worker under another address is a new version to the browser.
_NEW_VERSION = "navigator.serviceWorker.register('/desk/sw.js?new', {scope: '/desk/'}).then(() => undefined)"


def test_a_new_version_waits_until_the_operator_takes_it(site, page_of_desk):
    """It is told, nothing is reloaded under a hand; pressed, the page comes back locked with all its records."""
    page = page_of_desk(expects=[*OFFLINE, "fetching the script"])
    desk.enrol(site, page)
    page.reload()  # only a page that a worker serves can be outdated
    desk.unlock(page)
    expect(page.locator("#screen-desk")).to_be_visible()
    page.evaluate(_NEW_VERSION)
    expect(page.locator("#notices")).to_contain_text("Có bản mới của bàn quét")
    page.context.set_offline(True)
    desk.scan_many(page, [CARD], rest=0)
    expect(page.locator("#queue-title")).to_have_text("1 bản ghi chờ gửi")
    page.click("#notices .b")
    expect(page.locator("#unlock-waiting")).to_contain_text("1 bản ghi chờ gửi trên máy")


def test_two_tabs_share_one_queue(site, page_of_desk):
    """Both take scans; the numbers have no gap, and nothing is sent twice."""
    page = page_of_desk()
    device = desk.enrol(site, page)
    other = page.context.new_page()
    other.goto(f"{site.url}/desk/")
    desk.unlock(other)
    expect(other.locator("#screen-desk")).to_be_visible()
    cards = desk.made_up_cards(12)
    for first, second in zip(cards[::2], cards[1::2], strict=True):
        desk.scan_many(page, [first], rest=0)
        desk.scan_many(other, [second], rest=0)
    rows = arrived(site, device, 12)
    assert [row[1] for row in rows] == list(range(1, 13))


# -- camera ------------------------------------------------------------------------------------------------------------
def test_the_camera_reads_a_card_with_the_wasm_of_this_server(site, chromium, tmp_path, axe):
    """Chromium on Linux has no detector of its own: the worker reads the picture, under the page's own policy."""
    video = tmp_path / "card.mjpeg"
    video.write_bytes(_frame(OTHER_CARD) * 3)
    flags = [
        *FLAGS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
    ]
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=flags)
    try:
        page = browser.new_page(locale="vi")
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        desk.enrol(site, page)
        page.click("#scan")
        expect(page.locator("#hit .p")).to_contain_text("Trần Thị Kiểm Đ")
        expect(page.locator("#camera")).to_be_visible()
        assert faults_at_sizes(page, axe) == []
        expect(page.locator("#scan")).to_have_text("Tắt máy ảnh")
        page.click("#scan")
        expect(page.locator("#camera")).to_be_hidden()
        expect(page.locator("#scan")).to_have_text("Quét người tiếp theo")
        assert faults == []
    finally:
        browser.close()


def faults_at_sizes(page: Page, axe) -> list[str]:
    """Return what is not open to everybody on the screen as it stands, at each size."""
    faults: list[str] = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        # At its end, where the bar of buttons lies over no row.
        page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        faults += [f"{width}: {fault}" for fault in axe(page)]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    return faults


def _frame(text: str) -> bytes:
    """Return one JPEG of 1280x720 with the QR code of a text."""
    import io

    import segno
    from PIL import Image

    drawn = io.BytesIO()
    segno.make(text, error="m", encoding="utf-8").save(drawn, kind="png", scale=9, border=4)
    picture = Image.new("RGB", (1280, 720), "#8a8a8a")
    code = Image.open(drawn).convert("RGB")
    picture.paste(code, ((1280 - code.width) // 2, (720 - code.height) // 2))
    frame = io.BytesIO()
    picture.save(frame, "JPEG", quality=85)
    return frame.getvalue()


# -- screens, weight ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("language", "dark"), [("vi", False), ("en", True)])
def test_every_screen_is_open_to_everybody(site, page_of_desk, axe, language, dark):
    """No rule of accessibility is broken on any screen, at both sizes; nothing scrolls sideways; no word is missing."""
    page = page_of_desk(1366, 768, language=language, dark=dark, expects=OFFLINE)
    faults: list[str] = []

    def look(name: str) -> None:
        faults.extend(f"{name} {fault}" for fault in faults_at_sizes(page, axe))
        words = page.inner_text("main")
        assert not re.search(r"\b[a-z]+_[a-z_]+\b|\{\w+\}|undefined|NaN", words), words

    page.goto("/desk/")
    expect(page.locator("#screen-enrol")).to_be_visible()
    page.click("#enrol .b-1")
    expect(page.locator("#enrol-error")).to_be_visible()
    look("enrol")
    desk.show_code(site, page)
    page.click("#pin .b-1")
    expect(page.locator("#pin-error")).to_be_visible()
    look("pin")
    desk.set_pin(page)
    look("desk")
    desk.scan_many(page, [CARD, CONFLICT], rest=0)
    expect(page.locator("#rejected-link")).to_be_visible()
    look("refused")
    page.click("#open-rejected")
    expect(page.locator("#rejected li")).to_have_count(1)
    look("rejected")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator("#screen-ask")).to_be_visible()
    look("ask")
    page.keyboard.press("Escape")
    page.keyboard.press("F2")
    look("typed")
    page.keyboard.press("Escape")
    page.click("#list button >> nth=0")
    look("detail")
    page.click("#open-settings")
    expect(page.locator("#about dd").first).to_be_visible()
    look("settings")
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    desk.scan_many(page, [OTHER_CARD], rest=0)
    expect(page.locator("#queue-title")).to_contain_text("1 ")
    page.click("#open-settings")
    page.click("#lock")
    expect(page.locator("#unlock-waiting b")).to_be_visible()
    look("unlock")
    assert faults == []


def test_the_scanner_test_says_what_is_wrong_and_keeps_nothing(page_of_desk, axe):
    page = page_of_desk()
    page.goto("/desk/test/")
    expect(page.locator("#said")).to_contain_text("Chưa nhận được")
    desk.scan_many(page, [CARD], rest=0)
    expect(page.locator("#said")).to_contain_text("Máy quét đúng")
    desk.scan_many(page, [CARD.replace("Nguyễn Văn Thử", "Nguyeenx Vawn Thuwr")], rest=0)
    expect(page.locator("#said")).to_contain_text("Bộ gõ tiếng Việt xen vào")
    assert axe(page) == []
    assert page.evaluate("indexedDB.databases().then((found) => found.length)") == 0


def test_the_app_keeps_all_that_it_loads_and_is_light(site, page_of_desk):
    """What the page asks for is what the worker keeps; beside the wasm it weighs at most 150 KB compressed."""
    page = page_of_desk()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url) if "/static/" in request.url else None)
    page.goto("/desk/")
    expect(page.locator("#screen-enrol")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    kept = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys())"
        ".map((each) => each.url)))).flat()"
    )
    assert asked - set(kept) == set()
    bodies = {url: page.request.get(url).body() for url in kept if not url.endswith((".wasm", "test-card.svg"))}
    weight = sum(len(gzip.compress(body)) for body in bodies.values())
    assert weight <= LIGHTEST, sorted(((len(gzip.compress(body)), url) for url, body in bodies.items()), reverse=True)


def test_the_modules_stay_within_old_browsers():
    """Nothing newer than Chrome 109 and Safari 15; Django's hashing of imports must not take a comment for one."""
    newer = r"\(\?<[=!]|\.at\(|structuredClone|\.findLast|Object\.groupBy|\.toSorted|randomUUID|\.replaceAll\(|:has\(|@layer|@container"
    for file in [*STATIC.glob("*.js"), *STATIC.glob("*.css")]:
        assert not re.search(newer, file.read_text(encoding="utf-8")), file.name
    assert ManifestStorage.support_js_module_import_aggregation
