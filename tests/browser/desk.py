"""A served desk for browser tests: a gate of a heritage site on a server of its own, devices, and scanners that type."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from tests.server import Server, python

PIN = "246813"
PAUSE = 400  # milliseconds, longer than any silence that ends a scan
DATA = Path(__file__).parent.parent.parent / "src/vnlib/identity/tests/data"
CARD = "001090900001|012900001|Nguyễn Văn Thử|05031990|Nam|Số 12 Ngõ 34, Phố Mẫu, Phường Thí Nghiệm, Hoàn Kiếm, Hà Nội|14082021"
OTHER_CARD = "066187900002||Trần Thị Kiểm Định|22111987|Nữ|Thôn 4, Hòa Thắng, Buôn Ma Thuột, Đắk Lắk|20052021"
CONFLICT = "034303900003||Phạm Đức Mẫu|01012003|Nam|Thôn Đông, Đông Quý, Tiền Hải, Thái Bình|09072024||||"
"""A male holder with a number of a woman."""

_GATE = """
from datetime import date, datetime, timezone
from diem06.core.places.models import Place, PlaceTerm
from diem06.pilots.heritage_sites.models import Capacity
NOW, FIRST = datetime.now(timezone.utc), date(2023, 1, 1)
def place(kind, code, name, parent=None):
    made = Place.objects.create(kind=kind, code=code, parent=parent, valid_from=FIRST)
    PlaceTerm.objects.create(place=made, from_day=FIRST, name=name, search_key=name.lower(), sort_key=name, area_code="07616",
                             area_valid_from=date(2020, 1, 1), unit_code="ubnd-son-dong", recorded_at=NOW)
    return made
site = place("heritage_site", "tay-yen-tu", "Tây Yên Tử")
place("heritage_gate", "tay-yen-tu-chinh", "Cổng chính", site)
Capacity.objects.create(place=site, from_day=FIRST, declared=600, document="12/QĐ", recorded_at=NOW)
"""
_CODES = """
from datetime import datetime, timezone
from diem06.core.places.models import Place
from diem06.desk import actions
gate = Place.objects.get(kind="heritage_gate")
for _each in range(30):
    print(actions.make_enrolment(place=gate, by=None, at=datetime.now(timezone.utc))[1])
"""
_EVENTS = """
SELECT event.id, sequence, act, state, event.code, count
FROM desk_event AS event JOIN desk_device AS device ON device.id = event.device_id
WHERE device.code = ? ORDER BY sequence
"""


class DeskSite:
    """A server with one gate; it can be killed and started again where it was."""

    def __init__(self, data: Path) -> None:
        """`data` belongs to a diem06 that was just migrated."""
        self.data = data
        python(data, _GATE)
        self.server = Server(data)
        self.url = self.server.url
        self._codes: list[str] = []

    def code(self) -> str:
        """Return a new enrolment code. Tests enrol more devices in a minute than the server lets one address try, so it forgets the tries."""
        if not self._codes:
            self._codes = python(self.data, _CODES).split()
        with closing(sqlite3.connect(self.data / "diem06.sqlite3", timeout=20)) as database, database:
            database.execute("DELETE FROM shared_cache")
        return self._codes.pop()

    def events(self, device: str) -> list[list[Any]]:
        """Return what has arrived from a device: id, sequence, act, state, code, count."""
        with closing(sqlite3.connect(f"file:{self.data / 'diem06.sqlite3'}?mode=ro", uri=True)) as database:
            return [list(row) for row in database.execute(_EVENTS, (device,))]

    def queue_told(self, device: str) -> int:
        """Return how much waits on a device, as it told the unit."""
        with closing(sqlite3.connect(f"file:{self.data / 'diem06.sqlite3'}?mode=ro", uri=True)) as database:
            told: int = database.execute("SELECT queue_length FROM desk_device WHERE code = ?", (device,)).fetchone()[0]
            return told

    @property
    def is_up(self) -> bool:
        return self.server.process.poll() is None

    def restart(self) -> None:
        self.server = Server(self.data, port=self.server.port)


def enrol(site: DeskSite, page: Page, *, name: str = "Máy cổng chính") -> str:
    """Enrol the page's browser as a device, set its PIN, and return the device's code."""
    show_code(site, page, name=name)
    set_pin(page)
    # The worker has the whole app before a test takes the network away.
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    return code_of(page)


def show_code(site: DeskSite, page: Page, *, name: str = "Máy cổng chính") -> None:
    """Enrol the page's browser up to its PIN."""
    page.goto(f"{site.url}/desk/#enrol={site.code()}")
    page.fill("#enrol-name", name)
    page.click("#enrol .b-1")
    expect(page.locator("#screen-pin")).to_be_visible()


def set_pin(page: Page) -> None:
    page.fill("#pin-first", PIN)
    page.fill("#pin-second", PIN)
    page.click("#pin .b-1")
    expect(page.locator("#screen-desk")).to_be_visible()


def code_of(page: Page) -> str:
    """Return the code of the device, as its head shows it."""
    found = re.search(r"TB-\d+", page.inner_text("#place-sub"))
    assert found
    return found[0]


def unlock(page: Page, pin: str = PIN) -> None:
    page.fill("#unlock-pin", pin)
    page.click("#unlock .b-1")


class Wedge:
    """
    A scanner that types into the browser as a keyboard does: real key events, which press buttons and fill fields.

    The page's clock stands still while a text is typed: how long this machine takes between two keys is nobody's rhythm. So it is made
    before the page is opened.
    """

    def __init__(self, page: Page) -> None:
        page.clock.install()
        self._page = page
        self._cdp: CDPSession = page.context.new_cdp_session(page)

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        # A moment ahead: what came before is over, and no timer is left that fires in the middle.
        self._page.clock.pause_at((self._page.evaluate("Date.now()") + PAUSE) / 1000)
        yield
        self._page.clock.resume()

    def _key(self, letter: str) -> None:
        named = {"\n": ("Enter", 13, "\r"), "\t": ("Tab", 9, ""), "\b": ("Backspace", 8, "")}.get(letter)
        key, code, text = named or (letter, 0, letter)
        pressed = {"key": key, "windowsVirtualKeyCode": code}
        self._cdp.send("Input.dispatchKeyEvent", {"type": "keyDown", **pressed, **({"text": text} if text else {})})
        self._cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", **pressed})

    def scan(self, text: str, suffix: str = "\n") -> None:
        """Type a text."""
        with self._at_once():
            for letter in text + suffix:
                self._key(letter)

    def compose(self, text: str) -> None:
        """Put a text into the field letter by letter as an input method does: without keys."""
        with self._at_once():
            for letter in text:
                self._cdp.send("Input.insertText", {"text": letter})


# Many scans in little time: the same key events, made in the page. The scanner rests for a moment after each card.
_TYPE_MANY = """
async ([texts, rest]) => {
  const named = {"\\n": "Enter", "\\t": "Tab"};
  const press = (letter) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", {key: named[letter] || letter, bubbles: true, cancelable: true}));
  for (const text of texts) {
    for (const letter of text) press(letter);
    press("\\n");
    await new Promise((resolve) => setTimeout(resolve, rest));
  }
}
"""


def scan_many(page: Page, texts: list[str], *, rest: int) -> None:
    """Scan one card after the other, with a rest of so many milliseconds between them."""
    page.evaluate(_TYPE_MANY, [texts, rest])


def made_up_cards(count: int) -> list[str]:
    """Return clean cards of people who are not: men born in 1971 to 1995, numbered."""
    return [
        f"0240{71 + each % 25:02}{900000 + each}||Nguyễn Văn Mẫu|0107{1971 + each % 25}|Nam|Thôn Thử, Xã Mẫu, Yên Dũng, Bắc Giang|14082021"
        for each in range(count)
    ]


def kill_browser(profile: Path) -> None:
    """Kill -9 every process of the browser that lives in `profile`."""
    mark = str(profile).encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (folder / "cmdline").read_bytes() and int(folder.name) != os.getpid():
                os.kill(int(folder.name), signal.SIGKILL)
