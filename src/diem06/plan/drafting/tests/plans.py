"""Plans of invented provinces, districts and communes as Word files, each written in another way."""

from vnlib.documents.tests.making import docx, level, numbering, p, run, table, tc


def head(superior: str, issuer: str, number: str, day: str) -> str:
    return table(
        [tc(superior, issuer, number), tc("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", day)],
        ruled=False,
    )


def task_table() -> bytes:
    """A district's plan of digital transformation whose annex is a table of tasks with merged heads and group rows."""
    return docx(
        head("UBND TỈNH XUÂN GIANG", "UBND HUYỆN ĐÔNG HẢI", "Số: 88/KH-UBND", "Đông Hải, ngày 02 tháng 02 năm 2024"),
        p("KẾ HOẠCH", centred=True, bold=True),
        p("Triển khai Đề án 06 trên địa bàn huyện Đông Hải năm 2024", centred=True, bold=True),
        p("Thực hiện Kế hoạch số 15/KH-UBND ngày 20/01/2024 của UBND tỉnh, UBND huyện ban hành Kế hoạch như sau:"),
        p("I. MỤC TIÊU", bold=True),
        p("- 100% hồ sơ được số hóa; tối thiểu 70% hồ sơ nộp trực tuyến."),
        p("II. NHIỆM VỤ: Chi tiết tại Phụ lục kèm theo.", bold=True),
        p("III. TỔ CHỨC THỰC HIỆN", bold=True),
        p("1. Công an huyện là cơ quan thường trực, theo dõi, đôn đốc, tổng hợp báo cáo UBND huyện trước ngày 25 hằng tháng."),
        p("2. Các phòng, ban, ngành và UBND các xã, thị trấn căn cứ Kế hoạch này tổ chức thực hiện."),
        p("Phụ lục", centred=True, bold=True),
        p("DANH MỤC NHIỆM VỤ", centred=True, bold=True),
        p("(Kèm theo Kế hoạch số 88/KH-UBND ngày 02/02/2024 của UBND huyện)", centred=True),
        table(
            [
                tc("TT", merge="restart"), tc("Nội dung công việc", merge="restart"), tc("Phân công", span=2),
                tc("Thời gian hoàn thành", merge="restart"), tc("Sản phẩm", merge="restart"),
            ],
            [tc(merge="continue"), tc(merge="continue"), tc("Đơn vị chủ trì"), tc("Đơn vị phối hợp"), tc(merge="continue"), tc(merge="continue")],
            [tc("I"), tc("Nhóm nhiệm vụ về pháp lý", span=5)],
            ["1", "Rà soát, sửa đổi quy chế của Bộ phận Một cửa", "Văn phòng HĐND và UBND huyện", "Phòng Nội vụ; Phòng Tư pháp", "Tháng 3/2024", "Quy chế sửa đổi"],
            ["2", "Công khai danh mục thủ tục hành chính", "Văn phòng HĐND và UBND huyện", "UBND các xã, thị trấn", "Thường xuyên", "Danh mục"],
            [tc("II"), tc("Nhóm nhiệm vụ về hạ tầng"), tc(""), tc(""), tc(""), tc("")],
            ["3", "Trang bị máy quét cho Bộ phận Một cửa cấp xã, đạt 100% số xã", "Phòng Tài chính - Kế hoạch", "Phòng Văn hóa và Thông tin, VNPT Đông Hải", "Quý II/2024", ""],
            ["4", "Làm sạch dữ liệu dân cư", tc("Công an huyện", merge="restart"), "Trạm Y tế các xã", "30/6/2024", "Dữ liệu"],
            ["5", "Cấp căn cước cho công dân đủ điều kiện", tc(merge="continue"), "Phòng GD&ĐT, các trường học", "Trước ngày 30/11/2024", "Thẻ căn cước"],
        ),
        p("Nơi nhận: Như trên; Lưu: VT."),
    )  # fmt: skip


def auto_numbered() -> bytes:
    """A province's health plan whose every number is made by Word; one footnote, tracked changes, a text box."""
    lists = numbering(
        [
            level(0, "upperRoman", "%1."),
            level(1, "decimal", "%2."),
            level(2, "decimal", "%2.%3."),
            level(3, "lowerLetter", "%4)"),
        ],
        [level(0, "bullet", "-"), level(1, "bullet", "+")],
    )
    notes = (
        '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:footnote w:id="2"><w:p><w:r><w:t>Theo Báo cáo của Sở Y tế.</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    return docx(
        p("KẾ HOẠCH", centred=True, bold=True),
        p("Chăm sóc sức khỏe người cao tuổi tỉnh Hải Lâm năm 2025", centred=True, bold=True),
        p("Căn cứ Quyết định số 403/QĐ-BYT ngày 20/01/2021 của Bộ Y tế, UBND tỉnh Hải Lâm ban hành Kế hoạch:"),
        p("MỤC TIÊU", num=(1, 0), bold=True),
        p("Mục tiêu chung", num=(1, 1)),
        p("Nâng cao sức khỏe người cao tuổi", '<w:r><w:footnoteReference w:id="2"/></w:r>', "."),
        p("Chỉ tiêu đến hết năm 2025", num=(1, 1)),
        p("Tỷ lệ người cao tuổi được khám sức khỏe định kỳ đạt ", '<w:del w:id="1"><w:r><w:delText>60%</w:delText></w:r></w:del>',
          '<w:ins w:id="2"><w:r><w:t>75%</w:t></w:r></w:ins>', ".", num=(2, 0)),
        p("100% trạm y tế xã có bác\u00ad sĩ\u00a0làm việc.", num=(2, 0)),
        p("Ít nhất 20 câu lạc bộ được thành lập.", num=(2, 0)),
        p("NHIỆM VỤ VÀ PHÂN CÔNG", num=(1, 0), bold=True),
        p("Sở Y tế", num=(1, 1), bold=True),
        p("Chủ trì, phối hợp với Sở Tài chính, Hội Người cao tuổi tỉnh và UBND cấp huyện triển khai Kế hoạch.", num=(1, 3)),
        p("Sơ kết trước ngày 30/6/2025; định kỳ 6 tháng, năm báo cáo UBND tỉnh.", num=(1, 3)),
        p("Sở Tài chính", num=(1, 1), bold=True),
        p("Cân đối, bố trí kinh phí thực hiện.", num=(2, 0)),
        p("Bảo hiểm xã hội tỉnh", num=(1, 1), bold=True),
        p("Đảm bảo thanh toán chi phí khám, chữa bệnh cho người cao tuổi.", num=(2, 1)),
        '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><wps:wsp><wps:txbx><w:txbxContent>'
        + p("Hộp chữ: 90% xã có sổ theo dõi sức khỏe.")
        + "</w:txbxContent></wps:txbx></wps:wsp></mc:Choice><mc:Fallback><w:pict><w:txbxContent>"
        + p("Hộp chữ: 90% xã có sổ theo dõi sức khỏe.")
        + "</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
        parts={"word/numbering.xml": lists, "word/footnotes.xml": notes},
    )  # fmt: skip


def target_table() -> bytes:
    """A department's plan with a table of targets by year and a table that runs on without its head."""
    return docx(
        p("SỞ GIÁO DỤC VÀ ĐÀO TẠO TỈNH AN BÌNH", bold=True),
        p("KẾ HOẠCH", centred=True, bold=True),
        p("Phát triển giáo dục mầm non giai đoạn 2024 - 2025", centred=True, bold=True),
        p("I. CHỈ TIÊU", bold=True),
        table(
            [
                "STT",
                "Chỉ tiêu",
                "ĐVT",
                "Thực hiện năm 2023",
                "Kế hoạch năm 2024",
                "Kế hoạch năm 2025",
                "Đơn vị theo dõi",
            ],
            ["1", "Tỷ lệ trẻ mẫu giáo đến lớp", "%", "88,5", "92", "≥ 95", "Phòng Giáo dục Mầm non"],
            ["2", "Số phòng học xây mới", "Phòng", "30", "45", "60", "Phòng Kế hoạch - Tài chính"],
            ["3", "Tỷ lệ suy dinh dưỡng", "%", "6", "Dưới 5", "4", "Phòng Giáo dục Mầm non"],
        ),
        p("II. NHIỆM VỤ", bold=True),
        table(
            ["Nhiệm vụ, giải pháp", "Thời hạn", "Cơ quan, đơn vị thực hiện", "Cơ quan phối hợp", "Ghi chú"],
            [
                "Tuyển dụng 120 giáo viên",
                "Quý III năm 2024",
                "Phòng Tổ chức cán bộ",
                "Sở Nội vụ",
                "50% kinh phí ngân sách",
            ],
        ),
        p("Tiếp theo"),
        table(
            ["Mở lớp bồi dưỡng", "Hằng năm", "Phòng Giáo dục Mầm non", "Các phòng GDĐT, các trường mầm non", ""],
        ),
    )


def old_fonts() -> bytes:
    """A page typed with .VnTime and .VnTimeH, as offices did before Unicode."""
    return docx(
        p(run("KÕ ho¹ch", font=".VnTimeH")),
        p(run("Phßng chèng dÞch bÖnh huyÖn Yªn S¬n n¨m 2024", font=".VnTime")),
        p(run("I. Môc tiªu", font=".VnTime", bold=True)),
        p(run("- 95% hé gia ®×nh ®­îc tuyªn truyÒn.", font=".VnTime")),
        p(run("II. Tæ chøc thùc hiÖn", font=".VnTime", bold=True)),
        p(
            run(
                "1. Giao Phßng Y tÕ chñ tr×, phèi hîp víi Trung t©m Y tÕ huyÖn x©y dùng kÕ ho¹ch chi tiÕt.",
                font=".VnTime",
            )
        ),
    )


def units_and_targets() -> bytes:
    """A district gives each ward its numbers in a table; a second table has the units first and merged downwards."""
    return docx(
        p("KẾ HOẠCH", centred=True, bold=True),
        p("Chuyển đổi số quận Tây An năm 2024", centred=True, bold=True),
        p("Phụ lục I", centred=True, bold=True),
        table(
            ["STT", "Đơn vị", "Tỷ lệ hồ sơ trực tuyến (%)", "Tỷ lệ thanh toán (%)"],
            ["1", "UBND phường 1", "80", "60"],
            ["2", "UBND phường 2", "75", "55"],
        ),
        p("Phụ lục II", centred=True, bold=True),
        table(
            [tc("Đơn vị chủ trì", merge="restart"), tc("Nội dung", merge="restart"), tc("Thời gian", span=2)],
            [tc(merge="continue"), tc(merge="continue"), tc("Bắt đầu"), tc("Kết thúc")],
            [tc("Phòng Nội vụ", merge="restart"), tc("Kiện toàn Ban Chỉ đạo"), tc("01/2024"), tc("02/2024")],
            [tc(merge="continue"), tc("Tập huấn cho 120 cán bộ"), tc("03/2024"), tc("15/5/2024")],
            [
                tc("Trung tâm Y tế quận", "Phòng Y tế"),
                tc("Sổ sức khỏe điện tử cho 90% dân số"),
                tc(""),
                tc("31/12/2024"),
            ],
        ),
    )
