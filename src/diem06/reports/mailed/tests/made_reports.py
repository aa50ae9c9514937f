"""
Reports as units write them, made up, each with the cells that a person reads out of it: (measure, dimensions, area) -> value.

What is not in the list belongs into no cell: targets, last month, totals over kinds, dates, document numbers, other things.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import Any

import docx

from diem06.core.plans.cells import Cell, canonical
from diem06.plan.model import Plan
from diem06.reports.mailed.cells import words_of_cells
from diem06.reports.mailed.finding import CellWords

COMMUNES = {
    "07303": "Lan Giới", "07306": "Nhã Nam", "07309": "Tân Trung", "07312": "Đại Hóa", "07339": "Cao Thượng",
    "07360": "Ngọc Thiện", "07366": "Quế Nham", "07333": "Lam Cốt",
}  # fmt: skip
DISTRICTS = {"213": "TP Bắc Giang", "215": "Yên Thế", "216": "Tân Yên", "217": "Lạng Giang", "222": "Việt Yên"}
OWN = {"ubnd-tan-yen": "216"}
DAY = date(2023, 7, 14)

Expected = dict[tuple[str, str, str], int]


def cells_of(plan: Plan, unit: str) -> list[CellWords]:
    """Return the words of what a unit owes, on a handful of areas."""
    groups = {group.code: group for group in plan.groups}
    measures = {measure.code: measure for measure in plan.measures}
    own = OWN.get(unit, "24")
    cells: dict[str, Cell] = {}
    for rule in plan.obligations:
        owners = {code for each in rule.owed_by for code in (groups[each].members if each in groups else (each,))}
        if unit not in owners or rule.on is not None:
            continue
        measure = measures[rule.measure]
        named = {dimension.name: dimension.values for dimension in measure.dimensions}
        combinations: list[dict[str, str]] = [{}]
        for name, every in named.items():
            if name in rule.split_by or name in rule.where:
                values = rule.where.get(name) or every
                combinations = [{**pairs, name: value} for pairs in combinations for value in values]
        areas = [own] if rule.grain == "unit" else list(COMMUNES)
        if rule.levels:
            areas = [own, *DISTRICTS] if own == "24" else [own]
            combinations = [{}, *combinations] if combinations != [{}] else [{}]
        for area in areas:
            for pairs in combinations:
                name = f"{rule.measure}|{canonical(pairs)}|{area}"
                cells[name] = Cell(
                    measure=rule.measure,
                    dimensions=canonical(pairs),
                    area=area,
                    area_valid_from=DAY,
                    unit=unit,
                    day=DAY,
                )
    return words_of_cells(cells, plan, own_area=own, areas=COMMUNES | DISTRICTS)


@dataclass(frozen=True, kw_only=True)
class MadeReport:
    name: str
    unit: str
    write: Callable[[Any], None]
    expected: Expected
    headings: tuple[str, ...] = ()
    held_out: bool = field(default=False)

    @property
    def content(self) -> bytes:
        document = docx.Document()
        self.write(document)
        stream = io.BytesIO()
        document.save(stream)
        return stream.getvalue()


def _lines(document: Any, text: str) -> None:
    """Write a paragraph for each line; a line that begins with «#» is bold."""
    for line in text.strip().splitlines():
        shown = line.strip()
        run = document.add_paragraph().add_run(shown.removeprefix("#").strip())
        run.bold = shown.startswith("#")


def _table(document: Any, rows: list[list[str]], merges: tuple[tuple[int, int, int, int], ...] = ()) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    for top, left, bottom, right in merges:
        text = table.cell(top, left).text
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                table.cell(row, column).text = ""
        table.cell(top, left).merge(table.cell(bottom, right)).text = text


def _own(area: str, **values: int) -> Expected:
    return {_key(name, area): value for name, value in values.items()}


def _key(name: str, area: str) -> tuple[str, str, str]:
    measure, _, where = name.partition("__")
    return measure, where.replace("__", "="), area


HEAD = """
UBND HUYỆN TÂN YÊN
Số: 145/BC-UBND
Tân Yên, ngày 14 tháng 7 năm 2023
#BÁO CÁO
#Kết quả triển khai các mô hình điểm Đề án 06 tháng 7, nhiệm vụ trọng tâm tháng 8 năm 2023
Thực hiện Kế hoạch số 56/KH-UBND ngày 20/6/2023 của Chủ tịch UBND tỉnh, UBND huyện báo cáo như sau (số liệu từ ngày 15/6/2023 đến hết ngày 14/7/2023):
"""


def _official(document: Any) -> None:
    _lines(
        document,
        HEAD
        + """
#I. CÔNG TÁC LÃNH ĐẠO, CHỈ ĐẠO
Ban hành 03 văn bản chỉ đạo, tổ chức 02 hội nghị tại 22 xã, thị trấn; Công văn số 1123/UBND-VP ngày 28/6/2023.
#II. KẾT QUẢ THỰC HIỆN
#1. Giải quyết thủ tục hành chính
Trong kỳ, toàn huyện tiếp nhận 4.512 hồ sơ, trong đó: trực tuyến 3.870 hồ sơ, trực tiếp 598 hồ sơ, qua bưu chính công ích 44 hồ sơ. Số hồ sơ trực tuyến đăng nhập bằng VNeID là 2.105 hồ sơ, tăng 320 hồ sơ so với tháng trước.
Đã số hóa 3.944 hồ sơ; tra cứu CSDLQG về dân cư 2.780 hồ sơ. Đã giải quyết 4.377 hồ sơ: trước hạn 3.100 hồ sơ, đúng hạn 1.255 hồ sơ, quá hạn 22 hồ sơ (do lỗi đồng bộ của phần mềm).
Kết quả giải quyết đã trả bản điện tử 3.650 kết quả, đạt 85% chỉ tiêu năm.
#2. Tập huấn
Số cán bộ, công chức, viên chức tại bộ phận một cửa là 96 người, trong đó 91 người đã được tập huấn đăng nhập, quy trình nghiệp vụ.
#III. ĐÁNH GIÁ CHUNG
#1. Ưu điểm
Các xã vào cuộc quyết liệt, phân công rõ người, rõ việc.
#2. Tồn tại, hạn chế
Còn 22 hồ sơ quá hạn. Một số xã chưa có máy quét.
#3. Khó khăn, vướng mắc
Đường truyền tại 4 xã chậm; hệ thống một cửa điện tử lỗi 7 lần trong tháng.
#4. Nguyên nhân
Hạ tầng được đầu tư từ năm 2015.
#IV. NHIỆM VỤ TRỌNG TÂM THÁNG TIẾP THEO
Phấn đấu tiếp nhận trực tuyến 4.000 hồ sơ, số hóa 100% hồ sơ.
#V. KIẾN NGHỊ, ĐỀ XUẤT
Đề nghị cấp 25 máy quét cho 22 xã, thị trấn.
Trên đây là báo cáo của UBND huyện./.
Nơi nhận: Công an tỉnh; Lưu: VT. ĐT: 0204.3878.123
""",
    )


def _terse(document: Any) -> None:
    _lines(
        document,
        """
SỞ Y TẾ
#BÁO CÁO
#Tháng 7/2023
#I. Kết quả
1. Giải quyết TTHC (từ 15/6 đến 14/7):
- Tiếp nhận: 812 hồ sơ (trực tuyến: 640; trực tiếp: 160; BCCI: 12).
- Giải quyết: 798 hồ sơ, gồm: trước hạn 500, đúng hạn 290, trễ hạn 8.
- HS trực tuyến đăng nhập bằng VNeID: 410/640 hồ sơ (64,1%).
- Đã số hoá 610 hồ sơ; tra cứu CSDL QG về dân cư, VNeID: 355 hồ sơ.
2. CBCCVC: tại bộ phận TN&TKQ có 14 người; vị trí khác 1.286 người.
- Đã tập huấn đăng nhập, quy trình nghiệp vụ: tại bộ phận một cửa 14 người; vị trí khác 903 người.
3. Khám chữa bệnh bằng CCCD:
- Toàn tỉnh có 215 cơ sở có tiếp đón bằng thẻ CCCD gắn chip hoặc VNeID trong kỳ, trong đó Lạng Giang 21 cơ sở, Việt Yên 23 cơ sở.
- Người tiếp đón bằng thẻ CCCD có thông tin bảo hiểm trả về: 45.210 người.
4. Tuyên truyền: 35 tin, bài về tiện ích; 12 tin, bài về kết quả thực hiện.
#II. Khó khăn
- Thiếu 46 đầu đọc thẻ theo quy chuẩn.
#III. Đề xuất
- Bố trí kinh phí 1,2 tỷ đồng mua đầu đọc.
""",
    )


def _contents_table(document: Any) -> None:
    _lines(document, HEAD + "#I. KẾT QUẢ THỰC HIỆN\nKết quả cụ thể theo biểu sau:")
    _table(
        document,
        [
            ["TT", "Nội dung", "ĐVT", "Tháng trước", "Kết quả tháng 7", "Ghi chú"],
            ["1", "Số hồ sơ tiếp nhận trực tuyến", "Hồ sơ", "3.410", "3.512", ""],
            ["2", "Số hồ sơ tiếp nhận trực tiếp", "Hồ sơ", "640", "602", ""],
            ["3", "Số hồ sơ tiếp nhận qua bưu chính công ích", "Hồ sơ", "51", "47", ""],
            ["4", "Hồ sơ trực tuyến đăng nhập bằng tài khoản VNeID", "Hồ sơ", "1.700", "1.902", "tăng 202"],
            ["5", "Hồ sơ được số hóa", "Hồ sơ", "3.000", "3.221", ""],
            ["6", "Tỷ lệ hồ sơ được số hóa", "%", "76", "77,4", ""],
            ["7", "Hồ sơ giải quyết trước hạn", "Hồ sơ", "2.000", "2.140", ""],
            ["8", "Hồ sơ giải quyết đúng hạn", "Hồ sơ", "1.900", "1.888", ""],
            ["9", "Hồ sơ giải quyết quá hạn", "Hồ sơ", "20", "17", ""],
            ["10", "Cán bộ, đảng viên, công nhân viên chức", "Người", "1.410", "1.412", ""],
            [
                "11",
                "Cán bộ, đảng viên, công nhân viên chức có tài khoản định danh điện tử",
                "Người",
                "1.290",
                "1.350",
                "",
            ],
            ["12", "Văn bản chỉ đạo đã ban hành", "Văn bản", "4", "5", ""],
            ["13", "Tin, bài tuyên truyền tiện ích", "Tin, bài", "22", "31", ""],
        ],
    )
    _lines(document, "#II. TỒN TẠI, HẠN CHẾ VÀ NGUYÊN NHÂN\nMột số xã còn để hồ sơ quá hạn.")


def _communes_table(document: Any) -> None:
    _lines(document, HEAD + "#I. KẾT QUẢ\nKết quả tại các xã, thị trấn:")
    _table(
        document,
        [
            ["STT", "Xã, thị trấn", "Lượt người được hướng dẫn, hỗ trợ", "", "Chữ ký số", ""],
            ["", "", "Tháng 7", "Lũy kế", "Đã đăng ký chữ ký số", "Chỉ tiêu giao"],
            ["1", "Xã Ngọc Thiện", "412", "900", "156", "300"],
            ["2", "TT Cao Thượng", "530", "1.210", "244", "400"],
            ["3", "XÃ QUẾ NHAM", "298", "640", "88", "250"],
            ["4", "Thị trấn Nhã Nam", "377", "702", "121", "260"],
            ["", "Tổng cộng", "1.617", "3.452", "609", "1.210"],
        ],
        merges=((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3), (0, 4, 0, 5)),
    )
    _lines(
        document,
        """
Tại xã Lam Cốt có 15 học sinh đăng ký làm tình nguyện viên, 12 học sinh đã được tập huấn làm tình nguyện viên.
Xã Tân Trung: 01 điểm có video hướng dẫn tại bộ phận một cửa; xã Đại Hóa chưa có video.
#Kiến nghị: Đề nghị tỉnh cấp 22 máy tính cho 22 xã.
""",
    )


def _in_words(document: Any) -> None:
    _lines(
        document,
        """
#BÁO CÁO
Sở Giáo dục và Đào tạo báo cáo kết quả tháng bảy như sau.
#Kết quả đạt được
Trong tháng, Sở tiếp nhận hai trăm bốn mươi lăm hồ sơ trực tuyến và ba mươi hai hồ sơ trực tiếp, không có hồ sơ qua bưu điện.
Số hồ sơ đã giải quyết đúng hạn là 251 hồ sơ (hai trăm năm mươi mốt), đạt 98%.
Tỷ lệ cán bộ, đảng viên, công nhân viên chức có tài khoản định danh điện tử đạt 91,9% (1.020/1.110 người).
Số gia đình, thân nhân tham gia: 640 gia đình trên tổng số 1.100 gia đình của cán bộ, đảng viên, công chức, viên chức, lực lượng vũ trang.
Lũy kế từ đầu năm tiếp nhận trực tuyến 1.980 hồ sơ.
So với cùng kỳ năm 2022, số hồ sơ trực tuyến tăng 120 hồ sơ.
Sở có khoảng 300 hồ sơ được số hóa.
Đã ban hành Quyết định số 455/QĐ-SGDĐT, Thông tư 12/2023/TT-BGDĐT có hiệu lực từ ngày 01/8/2023.
#Khó khăn, vướng mắc
Phần mềm chậm vào 8 giờ đến 10 giờ. Liên hệ: 0912 345 678.
""",
    )


def _payments(document: Any) -> None:
    _lines(
        document,
        """
SỞ XÂY DỰNG
#BÁO CÁO
#1. Công tác chỉ đạo, điều hành
Sở đã ban hành Kế hoạch số 12/KH-SXD; phân công 6 phòng, 1 chi cục.
#2. Kết quả thực hiện
2.1. Thanh toán trực tuyến
Số thủ tục hành chính có nghĩa vụ tài chính: 38 thủ tục, trong đó 35 thủ tục có nghĩa vụ tài chính thanh toán được trên Cổng Dịch vụ công quốc gia; 21 thủ tục có nghĩa vụ tài chính phát sinh hồ sơ trong kỳ.
2.2. Hồ sơ
+ Hồ sơ tiếp nhận trực tuyến: 402;
+ Hồ sơ tiếp nhận trực tiếp: 31;
+ Hồ sơ được số hóa: 398/433, đạt 91,9%;
+ Hồ sơ có tra cứu CSDLQG về dân cư: 120.
2.3. Cán bộ
Số cán bộ, đảng viên, công nhân viên chức có thẻ CCCD gắn chip và VNeID: 118/121 người (đạt 97,5%).
Có 60 người làm thủ tục hành chính thuộc cán bộ, đảng viên, công chức, viên chức, lực lượng vũ trang.
Hoạt động, tin, bài tuyên truyền về kết quả thực hiện: 09 tin.
#3. Tồn tại
Không.
#4. Phương hướng, nhiệm vụ tháng 8
Nâng số thủ tục thanh toán được trên Cổng lên 38 thủ tục.
""",
    )


def _tcvn3(document: Any) -> None:
    """The same kind of words, typed in .VnTime."""
    text = """
BÁO CÁO
Kết quả thực hiện
Số hồ sơ tiếp nhận trực tuyến: 1.204 hồ sơ.
Số hồ sơ được số hóa: 1.110 hồ sơ.
Số hồ sơ đã giải quyết quá hạn: 9 hồ sơ.
Khó khăn, vướng mắc: đường truyền chậm, thiết bị cũ.
"""
    back = _tcvn3_table()
    for line in text.strip().splitlines():
        run = document.add_paragraph().add_run("".join(back.get(char, char) for char in line))
        run.font.name = ".VnTime"


def _tcvn3_table() -> dict[str, str]:
    source = resources.files("vnlib.text").joinpath("data", "legacy_tcvn3.csv").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for row in csv.DictReader(source.splitlines()):
        raw = "".join(chr(int(code.removeprefix("U+"), 16)) for code in row["codepoints"].split())
        found.setdefault(row["unicode_nfc"], raw)
    return found


def _police(document: Any) -> None:
    _lines(
        document,
        """
CÔNG AN TỈNH
#BÁO CÁO
#II. KẾT QUẢ THỰC HIỆN
Tính đến ngày 14/7/2023, số công dân trong độ tuổi, có thẻ CCCD và tài khoản định danh điện tử đã kích hoạt của một số xã như sau:
""",
    )
    _table(
        document,
        [
            [
                "STT",
                "Đơn vị",
                "Công dân trong độ tuổi",
                "Có thẻ CCCD gắn chip còn giá trị",
                "Tài khoản định danh điện tử đã kích hoạt",
                "",
                "Tỷ lệ kích hoạt (%)",
            ],
            ["", "", "", "", "Mức 1", "Mức 2", ""],
            ["1", "Ngọc Thiện", "9.812", "9.700", "610", "6.120", "68,6"],
            ["2", "Cao Thượng", "8.455", "8.399", "540", "5.977", "77,1"],
            ["3", "Lan Giới", "3.620", "3.570", "220", "2.410", "72,7"],
        ],
        merges=((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 1, 3), (0, 4, 0, 5), (0, 6, 1, 6)),
    )
    _lines(
        document,
        """
Tiếp nhận trong kỳ: 5.210 hồ sơ trực tuyến, 1.122 hồ sơ trực tiếp.
Tại xã Quế Nham có 3.890 bản ghi dân cư, trong đó 3.811 bản ghi đạt mọi kiểm tra đúng, đủ, sạch, sống.
Số khó khăn, vướng mắc đến hạn trả lời: trả lời đúng hạn 11, trả lời quá hạn 2, chưa trả lời 1.
Đã kiểm tra 4 đơn vị; xử phạt 2 trường hợp, số tiền 15 triệu đồng.
#III. NHIỆM VỤ TRỌNG TÂM
Kích hoạt thêm 20.000 tài khoản.
""",
    )


def _sloppy(document: Any) -> None:
    _lines(
        document,
        """
UBND HUYỆN TÂN YÊN - VĂN PHÒNG
Kính gửi: Công an tỉnh (PC06)
BC nhanh T7
1/ Hồ sơ: tiếp nhận online 2980 hs; trực tiếp 411; bưu chính công ích 20
2/ Số hóa đc 2877 hồ sơ
3/ Giải quyết hồ sơ: đúng hạn 3120, quá hạn 5, trước hạn 210
4/ Cán bộ một cửa đã tập huấn và có tiếp nhận, giải quyết trên Cổng trong kỳ: 88 người
5/ Đăng nhập VNeID: 1544/2980 hồ sơ trực tuyến
6/ Tuyên truyền: 18 hoạt động về tiện ích, 6 về kết quả thực hiện
Khó khăn: mạng yếu, thiếu 3 máy scan.
Đề xuất: hỗ trợ 3 máy scan.
""",
    )


def _mixed(document: Any) -> None:
    _lines(
        document,
        """
#BÁO CÁO
#I. KẾT QUẢ
1. Công tác cải cách hành chính
a) Số hồ sơ tiếp nhận trong kỳ báo cáo
- Trực tuyến: 555 hồ sơ
- Trực tiếp: 66 hồ sơ
- Bưu chính công ích: 7 hồ sơ
b) Kết quả giải quyết hồ sơ
- Trước hạn: 400 hồ sơ
- Đúng hạn: 200 hồ sơ
- Quá hạn: 2 hồ sơ
c) Số hóa hồ sơ
Trong kỳ số hồ sơ được số hóa đạt 588 hồ sơ, bằng 93,6% số hồ sơ tiếp nhận.
2. Đối tượng an sinh xã hội
Tại xã Ngọc Thiện: 310 đối tượng hưởng trợ cấp an sinh xã hội, trong đó 277 đối tượng có tài khoản đã xác thực.
Tại xã Lan Giới: 120 đối tượng hưởng trợ cấp an sinh xã hội, 96 đối tượng có tài khoản đã xác thực.
3. Nhân lực: hiện có 82 cán bộ, đảng viên, công nhân viên chức; 80 cán bộ, đảng viên, công nhân viên chức có tài khoản định danh điện tử.
#II. KHÓ KHĂN
Phụ lục 2 kèm theo Nghị định 20/2021/NĐ-CP quy định 8 nhóm đối tượng.
""",
    )


def _culture(document: Any) -> None:
    _lines(
        document,
        """
SỞ VĂN HÓA, THỂ THAO VÀ DU LỊCH
Số: 987/BC-SVHTTDL
#BÁO CÁO
#Kết quả thực hiện Đề án 06 tháng 7 năm 2023
Căn cứ Kế hoạch số 56/KH-UBND, Sở báo cáo:
#I. Tình hình thực hiện
Sở có 211 cán bộ, đảng viên, công nhân viên chức, trong đó 205 người có tài khoản định danh điện tử (97,2%). Sở đã tổ chức 02 lớp tập huấn cho 140 người.
Trong kỳ tiếp nhận 96 hồ sơ TTHC: 90 hồ sơ nộp trực tuyến, 6 hồ sơ nộp trực tiếp. Giải quyết đúng hạn 94 hồ sơ, không có hồ sơ quá hạn.
Tại xã Ngọc Thiện có 1.240 lượt vào được đếm bằng quét mã, 310 lượt đếm tay; thị trấn Nhã Nam có 2.018 lượt vào quét mã.
Số hồ sơ được số hóa trong kỳ: 96 hồ sơ. Hồ sơ có tra cứu cơ sở dữ liệu quốc gia về dân cư là 51.
Đã có 12/15 di tích quốc gia đặc biệt được khảo sát.
#II. Thuận lợi
Được quan tâm kinh phí 500 triệu đồng.
#III. Tồn tại, khó khăn
Điểm di tích xa, sóng yếu.
#IV. Đề nghị
Đề nghị Sở TTTT hỗ trợ 3 trạm phát sóng.
""",
    )


def _district_bullets(document: Any) -> None:
    _lines(
        document,
        """
ỦY BAN NHÂN DÂN HUYỆN TÂN YÊN
#BÁO CÁO TUẦN, THÁNG
A. KẾT QUẢ THỰC HIỆN
I. Về dịch vụ công
* Tổng số hồ sơ tiếp nhận: 3.333 hồ sơ. Cụ thể:
+ Hồ sơ nộp trực tuyến: 2.900 hồ sơ (đạt 87%);
+ Hồ sơ nộp trực tiếp tại bộ phận một cửa: 400 hồ sơ;
+ Hồ sơ qua dịch vụ bưu chính công ích: 33 hồ sơ.
* Số hồ sơ đã giải quyết: 3.200 hồ sơ; trong đó giải quyết trước hạn là 2.000 hồ sơ, đúng hạn là 1.190 hồ sơ, quá hạn là 10 hồ sơ.
* Kết quả giải quyết đã trả: bản điện tử 2.700 kết quả; chỉ bản giấy 500 kết quả.
II. Về tuyên truyền, tập huấn
Tổ chức 11 buổi hướng dẫn tại 22 xã, thị trấn cho 1.450 lượt người.
Xã Lam Cốt: hướng dẫn, hỗ trợ 85 lượt người; xã Quế Nham: hướng dẫn, hỗ trợ 132 lượt người.
Tại xã Lan Giới có 410 chủ tài khoản đã đăng ký chữ ký số, 120 chủ tài khoản có dùng chữ ký số trong kỳ.
III. Về nhân lực
Tổng số 1.398 cán bộ, đảng viên, công nhân viên chức; có tài khoản định danh điện tử: 1.377 người; có thẻ CCCD gắn chip và VNeID: 1.366 người.
B. KHÓ KHĂN, VƯỚNG MẮC
Năm 2022 còn 45 hồ sơ tồn.
C. NHIỆM VỤ TRỌNG TÂM
Giải quyết 45 hồ sơ tồn.
""",
    )


def _plain_district(document: Any) -> None:
    _lines(
        document,
        """
UBND HUYỆN TÂN YÊN
#BÁO CÁO
#Tình hình thực hiện Đề án 06 tháng 7/2023
#I. Kết quả
#1. Cải cách hành chính
Từ ngày 15/6 đến 14/7/2023, bộ phận một cửa cấp huyện và 22 xã, thị trấn tiếp nhận 5.021 hồ sơ; trong đó có 4.400 hồ sơ trực tuyến, 600 hồ sơ trực tiếp và 21 hồ sơ qua bưu chính công ích.
Đã giải quyết 4.900 hồ sơ, trong đó trước hạn 3.000 hồ sơ, đúng hạn 1.880 hồ sơ, quá hạn 20 hồ sơ.
Số hồ sơ được số hóa là 4.800 hồ sơ, đạt 95,6%. Có 2.310 hồ sơ trực tuyến đăng nhập bằng VNeID, chiếm 52,5% tổng số hồ sơ trực tuyến.
#2. Nhân lực
Toàn huyện có 1.450 cán bộ, đảng viên, công nhân viên chức; 1.440 người có tài khoản định danh điện tử; 1.431 người có thẻ CCCD gắn chip và VNeID.
98 cán bộ, công chức, viên chức tại bộ phận một cửa đã tập huấn đăng nhập, quy trình nghiệp vụ.
#3. Hướng dẫn người dân
Xã Ngọc Thiện đã hướng dẫn, hỗ trợ 320 lượt người; thị trấn Cao Thượng 455 lượt người; xã Lan Giới 98 lượt.
Thị trấn Nhã Nam có 210 chủ tài khoản đã đăng ký chữ ký số.
#II. Hạn chế
Có 3 xã chưa đạt.
""",
    )


def _numbered_table(document: Any) -> None:
    _lines(
        document,
        """
SỞ Y TẾ
#BÁO CÁO
#1. Kết quả nổi bật
Ngành y tế có 260 cơ sở tiếp đón bằng thẻ CCCD gắn chip hoặc VNeID trong kỳ.
#2. Số liệu
""",
    )
    _table(
        document,
        [
            ["STT", "Chỉ tiêu", "Số liệu", "Tỷ lệ (%)"],
            ["I", "Thủ tục hành chính", "", ""],
            ["1", "Tổng số hồ sơ tiếp nhận", "1.010", ""],
            ["1.1", "Trực tuyến", "900", "89,1"],
            ["1.2", "Trực tiếp", "100", "9,9"],
            ["1.3", "Bưu chính công ích", "10", "1,0"],
            ["2", "Hồ sơ được số hóa", "880", ""],
            ["II", "Khám chữa bệnh", "", ""],
            ["1", "Người tiếp đón bằng thẻ CCCD có thông tin bảo hiểm trả về", "51.200", ""],
            ["2", "Cán bộ, đảng viên, công nhân viên chức có tài khoản định danh điện tử", "3.020", ""],
        ],
    )
    _lines(
        document,
        """
Trong tháng đã đăng 42 tin, bài tuyên truyền về tiện ích.
Kinh phí đã sử dụng 2,5 tỷ đồng.
#3. Khó khăn
Một số cơ sở chưa có đầu đọc. Thiếu 12 đầu đọc.
""",
    )


T, S = "216", "24"

REPORTS = (
    MadeReport(
        name="official",
        unit="ubnd-tan-yen",
        write=_official,
        expected={
            **_own(T, dossiers_received__channel__online=3870, dossiers_received__channel__direct=598),
            **_own(T, dossiers_received__channel__postal=44, dossiers_online_by_vneid=2105, dossiers_digitised=3944),
            **_own(T, dossiers_with_lookup=2780, dossiers_settled__timeliness__early=3100),
            **_own(T, dossiers_settled__timeliness__on_time=1255, dossiers_settled__timeliness__late=22),
            **_own(T, results_issued__form__electronic=3650, officials__post__one_stop=96),
            **_own(T, officials_trained_on_portal__post__one_stop=91),
        },
        headings=("done", "good", "shortcomings", "difficulties", "causes", "next_month", "proposals"),
    ),
    MadeReport(
        name="terse",
        unit="so-y-te",
        write=_terse,
        expected={
            **_own(S, dossiers_received__channel__online=640, dossiers_received__channel__direct=160),
            **_own(S, dossiers_received__channel__postal=12, dossiers_settled__timeliness__early=500),
            **_own(S, dossiers_settled__timeliness__on_time=290, dossiers_settled__timeliness__late=8),
            **_own(S, dossiers_online_by_vneid=410, dossiers_digitised=610, dossiers_with_lookup=355),
            **_own(S, officials__post__one_stop=14, officials__post__other=1286),
            **_own(S, officials_trained_on_portal__post__one_stop=14, officials_trained_on_portal__post__other=903),
            **_own(S, health_facilities_receiving_by_id=215, patients_with_insurance_returned=45210),
            **_own("217", health_facilities_receiving_by_id=21),
            **_own("222", health_facilities_receiving_by_id=23),
            **_own(S, publicity_activities__tag__benefits=35, publicity_activities__tag__results=12),
        },
        headings=("done", "difficulties", "proposals"),
    ),
    MadeReport(
        name="contents_table",
        unit="ubnd-tan-yen",
        write=_contents_table,
        expected={
            **_own(T, dossiers_received__channel__online=3512, dossiers_received__channel__direct=602),
            **_own(T, dossiers_received__channel__postal=47, dossiers_online_by_vneid=1902, dossiers_digitised=3221),
            **_own(T, dossiers_settled__timeliness__early=2140, dossiers_settled__timeliness__on_time=1888),
            **_own(T, dossiers_settled__timeliness__late=17, workforce_members=1412, workforce_with_account=1350),
            **_own(T, publicity_activities__tag__benefits=31),
        },
        headings=("done", "shortcomings"),
    ),
    MadeReport(
        name="communes_table",
        unit="ubnd-tan-yen",
        write=_communes_table,
        expected={
            **_own("07360", people_helped=412, residents_with_signature=156),
            **_own("07339", people_helped=530, residents_with_signature=244),
            **_own("07366", people_helped=298, residents_with_signature=88),
            **_own("07306", people_helped=377, residents_with_signature=121),
            **_own("07333", volunteers_registered__group__pupil=15, volunteers_trained__group__pupil=12),
            **_own("07309", service_points_with_video__point_kind__one_stop_shop=1),
        },
        headings=("done", "proposals"),
    ),
    MadeReport(
        name="in_words",
        unit="so-gddt",
        write=_in_words,
        expected={
            **_own(S, dossiers_received__channel__online=245, dossiers_received__channel__direct=32),
            **_own(S, dossiers_settled__timeliness__on_time=251, workforce_with_account=1020, workforce_members=1110),
            **_own(S, workforce_families_taking_part=640, workforce_families=1100),
        },
        headings=("done", "difficulties"),
    ),
    MadeReport(
        name="payments",
        unit="so-xay-dung",
        write=_payments,
        expected={
            **_own(S, fee_procedures=38, fee_procedures_payable_on_portal=35, fee_procedures_with_dossiers=21),
            **_own(S, dossiers_received__channel__online=402, dossiers_received__channel__direct=31),
            **_own(S, dossiers_digitised=398, dossiers_with_lookup=120, workforce_with_card_and_vneid=118),
            **_own(S, workforce_members=121, workforce_filers=60, publicity_activities__tag__results=9),
        },
        headings=("done", "shortcomings", "next_month"),
    ),
    MadeReport(
        name="tcvn3",
        unit="ubnd-tan-yen",
        write=_tcvn3,
        expected={
            **_own(T, dossiers_received__channel__online=1204, dossiers_digitised=1110),
            **_own(T, dossiers_settled__timeliness__late=9),
        },
        headings=("difficulties",),
    ),
    MadeReport(
        name="police",
        unit="cong-an-tinh",
        write=_police,
        expected={
            **_own("07360", residents_of_age=9812, residents_with_chip_card=9700),
            **_own(
                "07360", residents_with_activated_account__level__1=610, residents_with_activated_account__level__2=6120
            ),
            **_own("07339", residents_of_age=8455, residents_with_chip_card=8399),
            **_own(
                "07339", residents_with_activated_account__level__1=540, residents_with_activated_account__level__2=5977
            ),
            **_own("07303", residents_of_age=3620, residents_with_chip_card=3570),
            **_own(
                "07303", residents_with_activated_account__level__1=220, residents_with_activated_account__level__2=2410
            ),
            **_own(S, dossiers_received__channel__online=5210, dossiers_received__channel__direct=1122),
            **_own("07366", resident_records=3890, resident_records_passing=3811),
            **_own(S, obstacles_due__outcome__in_time=11, obstacles_due__outcome__late=2),
            **_own(S, obstacles_due__outcome__unanswered=1),
        },
        headings=("done", "next_month"),
    ),
    MadeReport(
        name="sloppy",
        unit="ubnd-tan-yen",
        write=_sloppy,
        expected={
            **_own(T, dossiers_received__channel__online=2980, dossiers_received__channel__direct=411),
            **_own(T, dossiers_received__channel__postal=20, dossiers_digitised=2877),
            **_own(T, dossiers_settled__timeliness__on_time=3120, dossiers_settled__timeliness__late=5),
            **_own(T, dossiers_settled__timeliness__early=210, officials_trained_and_active__post__one_stop=88),
            **_own(T, dossiers_online_by_vneid=1544),
            **_own(T, publicity_activities__tag__benefits=18, publicity_activities__tag__results=6),
        },
        headings=("difficulties", "proposals"),
    ),
    MadeReport(
        name="mixed",
        unit="so-ldtbxh",
        write=_mixed,
        expected={
            **_own(S, dossiers_received__channel__online=555, dossiers_received__channel__direct=66),
            **_own(S, dossiers_received__channel__postal=7, dossiers_settled__timeliness__early=400),
            **_own(S, dossiers_settled__timeliness__on_time=200, dossiers_settled__timeliness__late=2),
            **_own(S, dossiers_digitised=588, workforce_members=82, workforce_with_account=80),
            **_own("07360", beneficiaries=310, beneficiaries_with_account=277),
            **_own("07303", beneficiaries=120, beneficiaries_with_account=96),
        },
        headings=("done", "difficulties"),
    ),
    MadeReport(
        name="culture",
        unit="so-vhttdl",
        write=_culture,
        held_out=True,
        expected={
            **_own(S, workforce_members=211, workforce_with_account=205, dossiers_received__channel__online=90),
            **_own(S, dossiers_received__channel__direct=6, dossiers_settled__timeliness__on_time=94),
            **_own("07360", site_entries__counted_by__scan=1240, site_entries__counted_by__hand=310),
            **_own("07306", site_entries__counted_by__scan=2018),
            **_own(S, dossiers_digitised=96, dossiers_with_lookup=51),
        },
        headings=("done", "good", "shortcomings", "proposals"),
    ),
    MadeReport(
        name="district_bullets",
        unit="ubnd-tan-yen",
        write=_district_bullets,
        held_out=True,
        expected={
            **_own(T, dossiers_received__channel__online=2900, dossiers_received__channel__direct=400),
            **_own(T, dossiers_received__channel__postal=33, dossiers_settled__timeliness__early=2000),
            **_own(T, dossiers_settled__timeliness__on_time=1190, dossiers_settled__timeliness__late=10),
            **_own(T, results_issued__form__electronic=2700, results_issued__form__paper_only=500),
            **_own("07333", people_helped=85),
            **_own("07366", people_helped=132),
            **_own("07303", residents_with_signature=410, residents_signing=120),
            **_own(T, workforce_members=1398, workforce_with_account=1377, workforce_with_card_and_vneid=1366),
        },
        headings=("done", "difficulties", "next_month"),
    ),
    MadeReport(
        name="plain_district",
        unit="ubnd-tan-yen",
        write=_plain_district,
        held_out=True,
        expected={
            **_own(
                T,
                dossiers_received__channel__online=4400,
                dossiers_received__channel__direct=600,
                dossiers_received__channel__postal=21,
                dossiers_settled__timeliness__early=3000,
                dossiers_settled__timeliness__on_time=1880,
                dossiers_settled__timeliness__late=20,
                dossiers_digitised=4800,
                dossiers_online_by_vneid=2310,
                workforce_members=1450,
                workforce_with_account=1440,
                workforce_with_card_and_vneid=1431,
                officials_trained_on_portal__post__one_stop=98,
            ),
            **_own("07360", people_helped=320),
            **_own("07339", people_helped=455),
            **_own("07303", people_helped=98),
            **_own("07306", residents_with_signature=210),
        },
        headings=("done", "shortcomings"),
    ),
    MadeReport(
        name="numbered_table",
        unit="so-y-te",
        write=_numbered_table,
        held_out=True,
        expected=_own(
            S,
            health_facilities_receiving_by_id=260,
            dossiers_received__channel__online=900,
            dossiers_received__channel__direct=100,
            dossiers_received__channel__postal=10,
            dossiers_digitised=880,
            patients_with_insurance_returned=51200,
            workforce_with_account=3020,
            publicity_activities__tag__benefits=42,
        ),
        headings=("done", "difficulties"),
    ),
)
