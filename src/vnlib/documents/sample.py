"""A made-up report that shows every part of the form; printed by the command line and used by the tests."""

from vnlib.documents.content import (
    Bold,
    Column,
    GroupRow,
    Head,
    Italic,
    Signer,
    Table,
    Tagged,
    TaggedBlock,
    number_and_symbol,
)
from vnlib.documents.official import OfficialDocument

SUBJECT = "Kết quả triển khai các mô hình điểm tháng 7, nhiệm vụ trọng tâm tháng 8 năm 2023"
NARRATIVE = (
    "Đã ban hành 12 văn bản chỉ đạo, tổ chức 03 đoàn kiểm tra tại các huyện, thành phố.\n"
    "Các đơn vị đã phân công đầu mối theo dõi từng mô hình, cập nhật kết quả hằng tuần và báo cáo đúng hạn."
)


def sample() -> OfficialDocument:
    """Return a report of an invented province."""
    document = OfficialDocument(
        head=Head(
            superior="Ủy ban nhân dân tỉnh Xuân Giang",
            issuer="Công an tỉnh",
            number_and_symbol=number_and_symbol(5, "BC-CAT-PC06"),
            place="Xuân Giang",
            date_line="ngày 05 tháng 01 năm 2023",
        ),
        kind="Báo cáo",
        subject=SUBJECT,
        addressees=("Chủ tịch UBND tỉnh (qua Công an tỉnh, Văn phòng UBND tỉnh)",),
        attached_to="Kèm theo Báo cáo số 05/BC-CAT-PC06 ngày 05 tháng 01 năm 2023 của Công an tỉnh Xuân Giang",
        marker="Số liệu giả định, không phải báo cáo thật",
        properties={"document": "sample", "period": "2023-07", "revision": "3"},
    )
    document.paragraph(
        "Thực hiện Kế hoạch số 10/KH-UBND ngày 15/6/2023 của Chủ tịch UBND tỉnh về triển khai các mô hình điểm, "
        "Công an tỉnh báo cáo kết quả như sau ",
        Italic("(số liệu từ ngày 15/6/2023 đến hết ngày 14/7/2023)"),
        ":",
    )
    _leadership(document)
    _results(document)
    document.close("Trên đây là báo cáo kết quả triển khai các mô hình điểm tháng 7 năm 2023.")
    document.sign(
        Signer(("KT. Giám đốc", "Phó Giám đốc"), "Nguyễn Văn Ánh"),
        ("Chủ tịch, các PCT UBND tỉnh", "Các sở, ban, ngành", "UBND các huyện, thành phố", "Lưu: VT, PC06"),
    )
    _annexes(document)
    return document


def _leadership(document: OfficialDocument) -> None:
    document.section("I. Công tác lãnh đạo, chỉ đạo")
    document.paragraph(TaggedBlock("bc/1#text", 1, NARRATIVE, label="Công tác chỉ đạo"))
    document.paragraph("- Sở Y tế: ", TaggedBlock("bc/2#text", 2, "Đã ban hành kế hoạch của đơn vị."))


def _results(document: OfficialDocument) -> None:
    document.section("II. Kết quả thực hiện")
    document.subsection("1. Mô hình khám chữa bệnh bằng thẻ căn cước công dân")
    document.paragraph(
        "Tỷ lệ cơ sở khám chữa bệnh đã thực hiện đạt ",
        Tagged("xg:P1:24:-:2023-07:3#val", 101, "67,5%", label="P1 toàn tỉnh, tháng 7/2023"),
        " (",
        Tagged("xg:P1:24:-:2023-07:3#num", 102, "135"),
        "/",
        Tagged("xg:P1:24:-:2023-07:3#den", 103, "200"),
        " cơ sở), thấp hơn mục tiêu ",
        Tagged("xg:P1:24:-:2023-07:3#target", 104, "100%", bold=True),
        ".",
    )
    document.table(
        Table(
            columns=(
                Column("TT", 10, "center"),
                Column("Chỉ tiêu", 70),
                Column("Mục tiêu", 25, "right"),
                Column("Kết quả", 25, "right"),
                Column("Đánh giá", 30, "center"),
            ),
            rows=(
                GroupRow("Mô hình cấp tỉnh"),
                (
                    "1",
                    "Cơ sở khám chữa bệnh dùng thẻ căn cước công dân gắn chíp thay thẻ bảo hiểm y tế",
                    Tagged("xg:P1:24:-:2023-07:3#target", 105, "100%"),
                    Tagged("xg:P1:24:-:2023-07:3#val", 106, "67,5%"),
                    "Chưa đạt",
                ),
                ("2", "Số thẻ đã cấp trong kỳ", "…", (Tagged("xg:P2:24:-:2023-07:3#val", 107, "1.234"), " thẻ"), "Đạt"),
            ),
            title="Bảng 1. Kết quả chính trong kỳ",
            note="Nguồn: các đơn vị báo cáo.",
        )
    )


def _annexes(document: OfficialDocument) -> None:
    first = document.annex("Kết quả chỉ tiêu theo huyện, thành phố")
    rows = [
        (str(number), f"Huyện số {number}", Tagged(f"xg:P1:{number:03}:-:2023-07:3#val", 1000 + number, f"{number},5%"))
        for number in range(1, 61)
    ]
    first.table(Table((Column("TT", 12, "center"), Column("Huyện", 90), Column("Tỷ lệ", 40, "right")), rows))
    second = document.annex("Tiến độ các nhiệm vụ được giao", landscape=True)
    second.paragraph(Bold("Đơn vị chậm: "), "không có.")
    columns = [Column("TT", 10, "center"), *(Column(f"Cột {number}", 40) for number in range(1, 8))]
    second.table(Table(columns, [["1", *("nội dung dài vừa phải",) * 7]], size_pt=11))
