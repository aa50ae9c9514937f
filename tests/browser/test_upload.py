"""A workbook with ten faults: ten are seen, the file comes back with ten comments, the good rows are loaded and taken back."""

import io
import re
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

PERSON, UNIT = "bc-yen-the", "ubnd-yen-the"
# Opened by the demo and left empty by it; the test leaves it so.
PERIOD = "2024-07"
FAULTS = ["12a", -1, 1.5, "=1+1", "#N/A", True, "31/02/2024", 10**17, "mười", "1.2.3"]


def filled(content: bytes) -> tuple[bytes, list[str]]:
    """Fill the first inputs of the template with ten faults and ten numbers; return it and where the faults stand."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book["B. Theo xã, phường, thị trấn"]
    inputs = [
        cell
        for row in page.iter_rows(min_row=2)
        for cell in row
        if not cell.protection.locked and page.cell(row=cell.row, column=1).value
    ]
    for cell, value in zip(inputs, [*FAULTS, *[3] * 10], strict=False):
        cell.value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue(), [cell.coordinate for cell in inputs[: len(FAULTS)]]


def uploaded(page: Page, content: bytes) -> None:
    page.goto(f"/my-work/{PERIOD}/{UNIT}/upload/")
    file = {"name": "mau.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name=re.compile("Tải lên|Upload")).click()
    page.wait_for_url("**/sheets/reports.entry/**")


def test_ten_faults_are_seen_sent_back_left_out_and_the_rest_is_undone(page_at, kept_page_at, sign_in, axe):
    """Each page on the way breaks no rule, on a desk and on a telephone, in both languages."""
    page = page_at(1366, 768)
    sign_in(page, PERSON)
    template = page.request.get(f"/my-work/{PERIOD}/{UNIT}/template.xlsx").body()
    content, faults = filled(template)
    uploaded(page, content)
    expect(page.locator("#wrong-h")).to_contain_text("Có 10 dòng phải sửa")
    links = page.locator("section[aria-labelledby=wrong-h] li a")
    assert links.all_inner_texts() == faults
    assert page.locator("td.sheet-bad").count() == 10
    links.nth(3).click()
    expect(page.locator("tr:target")).to_contain_text(faults[3])
    batch = page.url.split("?")[0]

    with page.expect_download() as download:
        page.get_by_role("link", name="Tải tệp có ghi chú").click()
    back = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    commented = [
        cell.coordinate for row in back["B. Theo xã, phường, thị trấn"].iter_rows() for cell in row if cell.comment
    ]
    assert sorted(commented) == sorted(faults)

    for width, height, language in [(1366, 768, "vi"), (360, 740, "vi"), (360, 740, "en")]:
        other = kept_page_at(width, height, language=language)
        sign_in(other, PERSON)
        for path in (batch, batch + "?verdict=new", f"/my-work/{PERIOD}/{UNIT}/upload/"):
            other.goto(path)
            assert axe(other) == []
            assert other.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            assert other.locator("h1").count() == 1

    page.get_by_role("button", name="Lưu 10 dòng hợp lệ").click()
    expect(page.locator(".messages")).to_contain_text("Đã nạp 10 dòng")
    assert axe(page) == []
    page.goto(f"/my-work/{PERIOD}/{UNIT}/")
    expect(page.locator("#filled")).to_have_text("10")

    page.goto(batch)
    page.get_by_role("button", name="Hoàn tác lô này").click()
    expect(page.locator(".messages")).to_contain_text("Đã hoàn tác 10 dòng")
    assert axe(page) == []
    page.goto(f"/my-work/{PERIOD}/{UNIT}/")
    expect(page.locator("#filled")).to_have_text("0")
