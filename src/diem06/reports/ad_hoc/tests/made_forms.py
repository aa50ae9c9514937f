"""Blank forms as ministries send them, made up."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

DISTRICTS = (
    "TP. Bắc Giang", "H. Yên Thế", "Tân Yên", "Huyện Lạng Giang", "Luc Nam", "Lục Ngạn", "Sơn Động", "Yên Dũng",
    "Việt Yên", "Hiệp Hoà",
)  # fmt: skip
FIRST = 7
LAST = FIRST + len(DISTRICTS) - 1
TOTAL = LAST + 1


def ministry_form() -> bytes:
    """Two sheets: shares by district with a total row and formulas, and a list of contents by the plan's words."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "Biểu 01"
    sheet["A1"] = "BỘ CÔNG AN"
    sheet["A2"] = "KẾT QUẢ THỰC HIỆN ĐỀ ÁN 06 TẠI ĐỊA PHƯƠNG"
    sheet.merge_cells("A2:G2")
    sheet["A2"].font = Font(bold=True, size=14)
    sheet["A2"].alignment = Alignment(horizontal="center")
    sheet["A4"], sheet["B4"] = "STT", "Đơn vị"
    sheet["C4"] = "Dịch vụ công trực tuyến"
    sheet["C5"], sheet["D5"] = "Số hồ sơ tiếp nhận trực tuyến", "Tỷ lệ hồ sơ trực tuyến đăng nhập bằng tài khoản VNeID"
    sheet["E4"] = "Tỷ lệ công dân trong độ tuổi đã kích hoạt tài khoản định danh điện tử (%)"
    sheet["F4"] = "Số hồ sơ được số hóa"
    sheet["G4"] = "Ghi chú"
    sheet.merge_cells("C4:D4")
    for letter in "ABEFG":
        sheet.merge_cells(f"{letter}4:{letter}5")
    for column in range(1, 8):
        sheet.cell(6, column).value = f"({column})"
    thin = Side(style="thin")
    for row in range(4, TOTAL + 1):
        for column in range(1, 8):
            sheet.cell(row, column).border = Border(left=thin, right=thin, top=thin, bottom=thin)
    for index, name in enumerate(DISTRICTS):
        row = FIRST + index
        sheet.cell(row, 1).value = index + 1
        sheet.cell(row, 2).value = name
        sheet.cell(row, 3).number_format = "#,##0"
        sheet.cell(row, 4).number_format = "0.0%"
        sheet.cell(row, 5).number_format = "General"
    sheet.cell(TOTAL, 2).value = "Tổng cộng"
    sheet.cell(TOTAL, 3).value = f"=SUM(C{FIRST}:C{LAST})"
    sheet.cell(TOTAL, 3).fill = PatternFill("solid", fgColor="FFFF00")
    sheet.cell(TOTAL, 4).number_format = "0.0%"
    sheet.column_dimensions["B"].width = 31
    sheet.row_dimensions[4].height = 42
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.print_title_rows = "4:6"
    sheet.print_area = f"A1:G{TOTAL}"
    sheet.oddFooter.center.text = "Trang &P"
    check = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0")
    check.add(f"C{FIRST}:C{LAST}")
    sheet.add_data_validation(check)
    other = book.create_sheet("Biểu 02")
    other.append(["TT", "Nội dung", "Kết quả kỳ này", "Kỳ trước", "Lũy kế"])
    for number, text in enumerate(
        ("Số hồ sơ được số hóa", "Tỷ lệ hồ sơ thủ tục hành chính được xử lý trực tuyến (%)"), 1
    ):
        other.append([number, text])
        for cell in other[other.max_row]:
            cell.border = Border(top=thin, bottom=thin)
        for column in (3, 4, 5):
            other.cell(other.max_row, column).border = Border(top=thin, bottom=thin)
    return saved(book)


def saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
