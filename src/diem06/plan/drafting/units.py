"""
Names of public bodies in running text, in tables and in lists.

What a body is called follows a few patterns: a head («Sở», «Công an», «UBND huyện») and a name of capitalised words or of the
fields that departments deal with. Nothing here knows a province.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from vnlib.text import fold, unify_tone_placement

# Every letter of the alphabet that the documents use, in both cases.
_ALL = [chr(code) for code in (*range(0x41, 0x250), *range(0x1E00, 0x1F00)) if chr(code).isalpha()]
_UPPER = "".join(char for char in _ALL if char.isupper())
_LOWER = "".join(char for char in _ALL if char.islower())
_LETTERS = _UPPER + _LOWER

# The fields of departments, ministries and divisions; folded, longest first when compiled.
FIELDS = (
    "lao dong thuong binh va xa hoi", "lao dong - thuong binh va xa hoi", "lao dong, thuong binh va xa hoi", "lao dong thuong binh xa hoi",
    "lao dong - thuong binh xa hoi", "nong nghiep va phat trien nong thon", "nong nghiep - phat trien nong thon",
    "nong nghiep va moi truong", "nong nghiep - moi truong", "nong nghiep", "giao thong van tai", "giao thong - van tai", "xay dung",
    "tai nguyen va moi truong", "tai nguyen - moi truong", "tai nguyen moi truong", "thong tin va truyen thong", "thong tin truyen thong",
    "thong tin - truyen thong", "van hoa, the thao va du lich", "van hoa the thao va du lich", "van hoa - the thao va du lich",
    "van hoa va the thao", "van hoa, the thao", "van hoa va thong tin", "van hoa - thong tin", "van hoa thong tin", "van hoa, khoa hoc va thong tin",
    "van hoa, thong tin", "van hoa - xa hoi", "van hoa xa hoi", "van hoa va xa hoi", "van hoa", "khoa hoc va cong nghe", "khoa hoc - cong nghe",
    "khoa hoc, cong nghe", "khoa hoc cong nghe", "giao duc va dao tao", "giao duc - dao tao", "giao duc dao tao", "giao duc", "ke hoach va dau tu",
    "ke hoach - dau tu", "ke hoach dau tu", "ke hoach va tai chinh", "ke hoach - tai chinh", "ke hoach tai chinh",
    "tai chinh - ke hoach", "tai chinh va ke hoach", "tai chinh ke hoach", "tai chinh", "noi vu", "noi chinh", "tu phap",
    "cong thuong", "y te", "ngoai vu", "ngoai giao", "du lich", "quy hoach - kien truc", "quy hoach kien truc", "dan toc va ton giao",
    "dan toc - ton giao", "dan toc", "ton giao", "kinh te va ha tang", "kinh te - ha tang", "kinh te ha tang",
    "kinh te, ha tang va do thi", "kinh te ha tang va do thi", "kinh te - ha tang va do thi", "kinh te", "quan ly do thi", "quan ly xay dung",
    "cong an", "quoc phong", "an toan thuc pham", "thi dua khen thuong", "thi dua - khen thuong", "cong thuong va du lich", "thong tin",
    "to chuc can bo", "to chuc - can bo", "to chuc", "hanh chinh", "hanh chinh - tong hop", "tong hop", "phap che", "cai cach hanh chinh",
    "kiem soat thu tuc hanh chinh", "thanh tra", "chuyen doi so", "phap luat", "tu phap - ho tich", "dia chinh", "nghiep vu", "nghiep vu y",
    "nghiep vu duoc", "kinh te nganh", "kinh te doi ngoai", "khoa giao - van xa", "khoa giao van xa", "noi chinh - tiep dan",
    "ke toan", "ke hoach", "quan ly dau tu", "dang ky kinh doanh", "hop tac quoc te", "truyen thong", "xa hoi", "cong tac dang", "chinh tri",
    "phuc vu hanh chinh cong", "dan van", "tuyen giao", "tuyen giao va dan van", "kiem tra", "bao chi", "vien thong", "buu chinh",
    "cong nghe thong tin", "cong nghe so", "ca nhan, van hoa", "gia dinh", "nguoi co cong", "bao tro xa hoi", "tre em", "viec lam", "trong trot va bao ve thuc vat",
    "chan nuoi va thu y", "thuy loi", "thuy san", "kiem lam", "phat trien nong thon", "tieu chuan do luong chat luong",
    "quan ly thi truong", "bao ve moi truong", "dan so", "dan so - ke hoach hoa gia dinh", "van thu - luu tru", "van thu luu tru",
)  # fmt: skip
_FIELD_SET = frozenset(FIELDS)
_SHORT_FIELDS = (
    r"TT\s?(?:&|và)?\s?TT|TTTT|GD\s?[&\-]?\s?ĐT|GDĐT|GD|LĐ\s?-?\s?TB\s?(?:&|và)?\s?XH|LĐTBXH|NN\s?&?\s?PTNT|NN\s?(?:và)\s?PTNT|NNPTNT|NN\s?&\s?MT|NN\s?(?:và)\s?MT|NNMT|"
    r"TN\s?[&\-]?\s?MT|TN\s?và\s?MT|KH\s?[&\-]?\s?ĐT|KH\s?và\s?ĐT|KH\s?[&\-]?\s?CN|KH\s?và\s?CN|VH\s?,?\s?-?\s?TT\s?(?:&|và)?\s?DL|VHTTDL|VH\s?[&\-]?\s?TT|VH\s?và\s?TT|"
    r"VHXH|VH\s?[&\-]\s?XH|GTVT|TC\s?[&\-]\s?KH|TCKH|KT\s?[&\-]?\s?HT|KT\s?và\s?HT|QLĐT|CT|NV|TP|TC|XD|YT|DT\s?&\s?TG|VHKH\s?&\s?TT"
)

_NAME_WORD = rf"[{_UPPER}][{_LETTERS}]*"
_PLACE = rf"{_NAME_WORD}(?:[ \-]{_NAME_WORD}){{0,3}}"
_LEVEL = r"(?:thành phố|Thành phố|TP\.?|tp\.?|thị xã|Thị xã|TX\.?|thị trấn|Thị trấn|TT\.?|tỉnh|Tỉnh|huyện|Huyện|quận|Quận|xã|Xã|phường|Phường|đặc khu|Đặc khu)"
_LEVEL_WORD = rf"(?:(?:cấp\s+)?{_LEVEL}|cấp tỉnh|cấp huyện|cấp xã|cơ sở|các cấp|cùng cấp|khu vực)"
_NEXT_LEVEL = r"(?:(?:cấp\s+)?(?:thành phố|TP\.?|thị xã|thị trấn|tỉnh|huyện|quận|xã|phường|đặc khu)(?!\s*(?:đoàn|ủy|uỷ))|cấp tỉnh|cấp huyện|cấp xã)"
_LEVELS = rf"(?:(?:các|tất cả các|\d{{1,3}}(?:/\d{{1,3}})?)\s+)?{_LEVEL_WORD}(?:(?:\s*[,;/]\s*|\s+và\s+|\s*,\s*và\s+)(?:các\s+)?{_NEXT_LEVEL})*"
# «UBND huyện Lục Nam», «UBND các huyện, thành phố», «UBND các huyện Lục Nam, Lục Ngạn».
_OF_LEVEL = rf"\s+{_LEVELS}(?:\s+{_PLACE})?(?:\s+(?:trên địa bàn(?: (?:tỉnh|huyện|thành phố))?|trực thuộc (?:Trung ương|trung ương|TW)))?"
_COMMITTEE = r"(?:UBND|[UỦ][ỷỶyY]? ?[bB]an [nN]hân [dD]ân|[UỦ]y ban [nN]hân dân|Uỷ ban [nN]hân dân|Ủy ban [nN]hân dân|UỶ BAN NHÂN DÂN|ỦY BAN NHÂN DÂN|HĐND|Hội đồng [nN]hân dân|Thường trực HĐND)"
_PERSON = (
    r"(?:(?:Đồng chí |đồng chí )?(?:Chủ tịch|chủ tịch|Giám đốc|Thủ trưởng|Trưởng ban|Phó Chủ tịch|Chánh Văn phòng)\s+)"
)

# Groups without a name of their own.
_GROUP_WORDS = (
    "sở", "ban", "ngành", "đoàn thể", "hội", "phòng", "cơ quan", "đơn vị", "địa phương", "bộ", "cục", "vụ", "tổ chức", "doanh nghiệp", "trường học",
    "trường", "xã", "phường", "thị trấn", "thôn", "bản", "tổ dân phố", "huyện", "quận", "thị xã", "thành phố", "chi cục", "trung tâm", "phòng ban",
    "sở ngành", "ban ngành", "hội đoàn thể", "tổ chức chính trị - xã hội", "tổ chức chính trị xã hội", "tổ chức xã hội", "tổ chức đoàn thể", "tổ chức CT-XH",
    "tổ chức chính trị-xã hội", "mặt trận tổ quốc", "cơ sở giáo dục", "cơ sở y tế", "cơ sở khám chữa bệnh", "cơ sở khám, chữa bệnh", "ngân hàng",
    "ngân hàng thương mại", "tổ chức tín dụng", "cơ quan thông tấn", "báo chí", "cơ quan báo chí", "doanh nghiệp viễn thông", "hợp tác xã", "nhà trường",
    "bệnh viện", "nhà mạng", "Sở", "Ban", "Ngành", "Phòng", "Bộ", "khoa", "phòng chuyên môn", "cơ quan chuyên môn", "đơn vị sự nghiệp", "cơ quan Đảng",
    "cơ quan Trung ương", "cơ quan trung ương", "tổ chức hội", "hội đặc thù", "tổ chức chính trị", "chủ đầu tư", "công ty", "tổ công tác",
    "tổ công nghệ số cộng đồng", "Tổ công nghệ số cộng đồng", "Hội", "Vụ", "Cục", "Tổng cục", "Trung tâm", "đặc khu", "chi, đảng bộ", "cơ quan quản lý nhà nước", "cơ quan truyền thông",
)  # fmt: skip
_GROUP_WORD = rf"(?:{'|'.join(sorted(map(re.escape, _GROUP_WORDS), key=len, reverse=True))})(?![{_LETTERS}])"
_GROUP_TAIL = (
    r"(?:\s+(?:chuyên môn|trực thuộc(?: (?:UBND )?(?:tỉnh|huyện|Bộ|Sở|sở|bộ))?|thuộc (?:UBND )?(?:tỉnh|huyện|thành phố|Bộ|bộ|Sở|sở)|có liên quan|liên quan|cấp tỉnh|cấp huyện|cấp xã|"
    r"(?:của )?(?:tỉnh|huyện|thành phố|thị xã|xã)(?!\s+[A-ZĐ])|đóng trên địa bàn|trên địa bàn(?:\s+(?:tỉnh|huyện|thành phố|thị xã|xã))?|cùng cấp|các cấp|khác|Trung ương|trung ương|nêu trên|viễn thông|được giao|ngành dọc))*"
)
_GROUP = rf"(?:[Cc]ác|CÁC|[Mm]ột số|[Nn]hững|[Tt]oàn bộ các|[Tt]ất cả các|[Cc]ác,)\s+{_GROUP_WORD}(?:{_GROUP_TAIL}(?:\s*[,;]\s*|\s*-\s*|\s+và\s+|\s*,\s*và\s+|\s*/\s*)(?:các\s+)?{_GROUP_WORD}(?![{_LETTERS}]))*{_GROUP_TAIL}"
_BARE_GROUP = (
    r"(?:[Ss]ở|[Bb]an|[Pp]hòng),\s*(?:ban,\s*|sở,\s*)?ngành(?:,\s*(?:đoàn thể|hội|địa phương|đơn vị|UBND cấp huyện))*"
    + _GROUP_TAIL
    + r"|[Cc]ơ quan,\s*(?:sở,\s*ban,\s*ngành,?\s*)?(?:tổ chức,\s*)?đơn vị(?:,\s*địa phương)?"
    + _GROUP_TAIL
)

_OF = r"(?:\s+(?:nước|Nhà nước|nhà nước))"
_FREE = r"(?:\s*[,\-–&]\s*|\s+và\s+|\s+)"

# Heads with a field: «Sở», «Bộ», «Phòng», ...
_FIELD_HEAD = r"(?:Sở|Bộ|Phòng|Vụ|Cục|Tổng cục|Chi cục|Ban|Ủy ban|Uỷ ban|SỞ|BỘ|PHÒNG)"

# Verbs and heads at which a long name ends.
_STOP = (
    rf"(?:chủ trì|phối hợp|có|thực hiện|tham mưu|xây dựng|triển khai|tổ chức|theo dõi|rà soát|là|chịu|hướng dẫn|tiếp tục|đẩy mạnh|các|Các|để|trong|cho|tại|theo|"
    rf"tuyên truyền|chia sẻ|cung cấp|bố trí|cân đối|kiểm tra|báo cáo|chủ động|căn cứ|đảm bảo|bảo đảm|tăng cường|nghiên cứu|đề xuất|thường xuyên|trình|gửi|cử|lấy|mở|"
    rf"cập nhật|thẩm định|ban hành|tổng hợp|đôn đốc|khẩn trương|giúp|làm|phân công|phê duyệt|hoàn thành|hoàn thiện|vận hành|"
    rf"Sở|Phòng|UBND|HĐND|Công an|Văn phòng|Ban|Hội|Ủy|Uỷ|Trung tâm|Chi cục|Chi nhánh|Đài|Bưu|VNPT|Viettel|Huyện|Tỉnh|Trường|Bệnh viện|Điện lực|Viễn thông|Đoàn|Cục|Vụ|Viện|"
    rf"Kho bạc|Báo|Bảo hiểm|Tổ|Trạm|Thanh tra|Tổng cục|Bộ|Học viện|Đại học|Tập đoàn|Công ty|Ngân hàng)(?![{_LETTERS}])"
)
# «Xúc tiến Đầu tư, Thương mại và Du lịch tỉnh»: begins with a capital; a comma goes on before a capital only.
_LONG_NAME = rf"{_NAME_WORD}(?:(?:\s*[-–&]\s*|\s*,\s+(?=[{_UPPER}])|,\s+(?=chữa bệnh|chống|gia đình)|\s+và\s+|\s+)(?!{_STOP})[{_LETTERS}]+){{0,9}}"

_FIXED = (
    # police, army, courts
    rf"(?:[Ll]ực lượng\s+)?Công an(?:{_OF_LEVEL}|\s+{_PLACE})?",
    r"CA(?:\s+(?:tỉnh|huyện|thành phố|xã|thị trấn))",
    rf"(?:Bộ|Ban)\s+(?:Chỉ huy\s+(?:[Qq]uân sự|[Bb]ộ đội [Bb]iên phòng|Phòng thủ khu vực)|CHQS|CHBĐBP)(?:{_OF_LEVEL})?",
    rf"(?:Tòa|Toà) án nhân dân(?:{_OF_LEVEL})?",
    rf"Viện [Kk]iểm sát nhân dân(?:{_OF_LEVEL})?",
    r"Bộ Tư lệnh\s+" + _PLACE,
    # offices
    rf"(?:Văn phòng|VĂN PHÒNG|VP)\s+(?:Đoàn (?:ĐBQH|[Đđ]ại biểu Quốc hội)(?:\s*(?:và|,|&)\s*)?)?(?:(?:UBND|HĐND|Ủy ban nhân dân|Uỷ ban nhân dân|Hội đồng nhân dân)(?:\s*(?:và|&|-|,)\s*)?){{1,2}}(?:{_OF_LEVEL})?",
    rf"(?:Văn phòng|VP)\s+(?:Chính phủ|Quốc hội|Chủ tịch nước|Trung ương Đảng|Tỉnh ủy|Tỉnh uỷ|Huyện ủy|Huyện uỷ|Thành ủy|Thành uỷ|Thị ủy|Quận ủy|Đảng ủy|Bộ|Sở|Điều phối[^,;.()]{{0,60}}|[Đđ]ăng ký [Đđ]ất đai)(?:{_OF_LEVEL})?",
    rf"Chi nhánh Văn phòng [Đđ]ăng ký [Đđ]ất đai(?:{_OF_LEVEL})?",
    rf"Thanh tra\s+(?:Chính phủ|Bộ|Sở|{_LEVELS})(?:\s+{_PLACE})?",
    # party and government
    rf"(?:Ban Thường vụ |Thường trực |TT\.? )?(?:Tỉnh|Huyện|Thành|Thị|Quận|Đảng)\s?(?:ủy|uỷ)(?:\s+{_PLACE})?",
    r"Ban (?:Tuyên giáo và Dân vận|Tuyên giáo|Dân vận|Tổ chức|Nội chính|Bảo vệ,? chăm sóc sức khỏe cán bộ)(?:\s+(?:Tỉnh|Huyện|Thành|Thị|Đảng)\s?(?:ủy|uỷ))?",
    rf"Ban (?:Chỉ đạo|chỉ đạo)(?:\s+[^,;.:()|]{{0,60}}?(?=\s+(?:chủ trì|phối hợp|có trách nhiệm|thực hiện|{_LEVEL}|và)\b|[,;.:()|]|$))?(?:\s+(?:tỉnh|huyện|thành phố|xã))?",
    r"Ban [Qq]uản lý\s+[^,;.:()|]{2,60}?(?=\s+(?:chủ trì|phối hợp|có trách nhiệm|thực hiện|tham mưu|tổ chức|theo dõi|rà soát|và|là|chỉ đạo)\b|[,;.:()|]|$)",
    r"BQL\s+[^,;.:()|]{2,40}?(?=\s+(?:chủ trì|phối hợp|có trách nhiệm|thực hiện|và)\b|[,;.:()|]|$)",
    r"Tổ (?:công tác|Công tác|giúp việc)(?:\s+(?:triển khai\s+)?(?:Đề án 06|Đề án \d+)(?:/CP)?)?(?:\s+(?:của\s+)?(?:Chính phủ|tỉnh|huyện|xã|thành phố|cấp xã|các cấp|cùng cấp))?",
    r"Tổ (?:[Cc]ông nghệ số cộng đồng|Đề án 06)(?:\s+(?:các xã|xã|thôn|cấp xã|các thôn|tỉnh|huyện|các cấp))?",
    r"Hội đồng (?!nhân dân|Nhân dân)" + _PLACE + r"[^,;.:()|]{0,40}?(?=\s+(?:chủ trì|phối hợp|và)\b|[,;.:()|]|$)",
    # unions and societies
    rf"(?:Tỉnh|Huyện|Thành|Thị|Quận)\s?[đĐ]oàn(?:\s+(?:Thanh niên|TNCS Hồ Chí Minh|{_PLACE}))?",
    rf"Đoàn (?:[Tt]hanh niên|TN|TNCS|Thanh niên Cộng sản|Thanh niên cộng sản)(?:\s+(?:CSHCM|TNCS|[Cc]ộng sản|CS))?(?:\s+(?:Hồ Chí Minh|HCM))?(?:{_OF_LEVEL}|\s+cùng cấp)?",
    rf"(?:(?:Ban Thường trực |Thường trực )?(?:Ủy|Uỷ|Uy) ban |UB|Ban Thường trực UB)?\s?(?:Mặt trận Tổ quốc|MTTQ|Mặt trận tổ quốc)(?:\s+(?:Việt Nam|VN))?(?:{_OF_LEVEL}|\s+các cấp)?",
    rf"Hội (?:[Ll]iên hiệp [Pp]hụ nữ|LHPN|Phụ nữ|Nông dân|Cựu chiến binh|CCB|Người cao tuổi|Chữ thập đỏ|Khuyến học|Luật gia|Nhà báo|Cựu thanh niên xung phong|Doanh nghiệp|Doanh nhân trẻ|Người mù|Văn học nghệ thuật|[Bb]ảo vệ người tiêu dùng|Tin học|Truyền thông số|Cựu Chiến binh|[Ll]iên hiệp Thanh niên)(?:\s+(?:Việt Nam))?(?:{_OF_LEVEL})?",
    r"(?:Hiệp hội|Liên hiệp các [Hh]ội|Liên hiệp [Cc]ác [Tt]ổ chức)\s+[^,;.:()|]{3,50}?(?=\s+(?:chủ trì|phối hợp|có trách nhiệm|và|tổ chức)\b|[,;.:()|]|$)",
    rf"(?:Liên đoàn [Ll]ao động|LĐLĐ)(?:{_OF_LEVEL})?",
    rf"Liên minh (?:Hợp tác xã|HTX)(?:{_OF_LEVEL})?",
    # central bodies in the area
    rf"(?:Bảo hiểm xã hội|Bảo hiểm Xã hội|BHXH)(?:\s+(?:Việt Nam|khu vực(?:\s+[IVX\d]+)?))?(?:{_OF_LEVEL})?",
    rf"(?:Kho bạc|KBNN)(?:\s+[Nn]hà nước)?(?:{_OF_LEVEL}|\s+khu vực(?:\s+[IVX\d]+)?|\s+{_PLACE})?",
    rf"(?:Ngân hàng Nhà nước|NHNN)(?:\s+Việt Nam)?(?:\s*[-–,]?\s*(?:[Cc]hi nhánh(?:\s+khu vực(?:\s+\d+)?)?(?:{_OF_LEVEL}|\s+{_PLACE})?|khu vực\s+\d+))?",
    rf"(?:Ngân hàng Chính sách xã hội|Ngân hàng CSXH|NHCSXH)(?:\s*-?\s*[Cc]hi nhánh)?(?:{_OF_LEVEL})?",
    rf"(?:Cục|Chi cục|Đội|Tổng cục)\s+(?:Thuế|Thống kê|Hải quan|Quản lý thị trường|QLTT|Thi hành án dân sự|THADS|Dự trữ [Nn]hà nước|Kiểm lâm|Quản lý đường bộ|Đăng kiểm|Dân số|Kiểm toán)(?:\s+khu vực(?:\s+[IVX\d]+)?)?(?:{_OF_LEVEL}|\s+{_PLACE})?",
    rf"Thuế\s+(?:{_LEVELS}|cơ sở)(?:\s+{_PLACE}|\s+\d+)?",
    r"Hạt Kiểm lâm(?:\s+(?:huyện|liên huyện)(?:\s+" + _PLACE + r")?)?",
    r"Cục\s+(?:Cảnh sát|C\d\d|A\d\d)[^,;.:()|]{0,45}?(?=\s+(?:chủ trì|để|và|thực hiện|mua|triển khai)\b|[,;.:()|]|$)",
    rf"Bưu điện(?:{_OF_LEVEL}|\s+{_PLACE})?",
    rf"Viễn thông(?:{_OF_LEVEL}|\s+{_PLACE})",
    rf"(?:VNPT|Viettel|VIETTEL|Mobi[Ff]one|MobiFone|FPT|VietnamPost)(?:{_OF_LEVEL}|\s+{_PLACE})?",
    rf"(?:Công ty |CTY )?Điện lực(?:{_OF_LEVEL}|\s+{_PLACE})?",
    rf"Công ty\s+(?:TNHH|CP|cổ phần|Cổ phần|{_NAME_WORD})[^,;.:()|]{{0,60}}?(?=\s+(?:chủ trì|phối hợp|và|có trách nhiệm|thực hiện)\b|[,;.:()|]|$)",
    rf"(?:Tập đoàn|Tổng công ty)\s+{_PLACE}",
    rf"Đài\s+(?:[Pp]hát thanh(?:\s*(?:và|-|–|,)\s*[Tt]ruyền hình)?|PT\s?-?\s?TH|PTTH|PT&TH|Truyền thanh(?:\s*-\s*[Tt]ruyền hình)?|Truyền hình)(?:{_OF_LEVEL}|\s+{_PLACE})?",
    rf"Báo(?: và (?:Đài )?(?:[Pp]hát thanh,? ?(?:và )?[Tt]ruyền hình|PTTH))?\s+(?:{_PLACE}|tỉnh)",
    r"Cổng [Tt]hông tin điện tử(?:\s+(?:tỉnh|huyện|thành phố|Chính phủ))?",
    # schools, hospitals, institutes
    rf"(?:Trường|TRƯỜNG)\s+(?:Đại học|Cao đẳng|Trung cấp|Chính trị|Trung học|THPT|THCS|Tiểu học|Mầm non|PTDTNT)(?:\s+{_PLACE}|\s+tỉnh)?",
    rf"(?:Bệnh viện|BVĐK)(?:\s+[Đđ]a khoa)?(?:{_OF_LEVEL}|\s+{_PLACE}(?:\s+(?:tỉnh|huyện|khu vực))?)",
    rf"Trạm (?:[Yy] tế|[Tt]ruyền thanh)(?:{_OF_LEVEL}|\s+(?:các )?xã(?:, phường(?:, thị trấn)?)?)?",
    rf"(?:Trung tâm|TRUNG TÂM)\s+{_LONG_NAME}",
    rf"(?:Viện|Học viện|Quỹ)\s+{_PLACE}(?:\s+(?:và|,)\s+{_PLACE})?(?:\s+[{_LOWER}]+){{0,4}}?(?=\s+(?:chủ trì|phối hợp|và|có trách nhiệm|tỉnh)\b|[,;.:()|]|$)",
    # committees, with their people
    rf"{_COMMITTEE}{_OF_LEVEL}",
    r"Thủ tướng Chính phủ|Chính phủ",
    # offices of a commune
    rf"(?:Công chức|Cán bộ|Bộ phận)\s+[{_UPPER}][^,;.:()|]{{2,60}}?(?=\s+(?:chủ trì|phối hợp|có trách nhiệm|thực hiện|tham mưu|tổ chức|theo dõi|hướng dẫn|tiếp nhận|xây dựng|các cấp|cấp)\b|[,;.:()|]|$)",
)  # fmt: skip


@cache
def _fixed() -> re.Pattern[str]:
    return re.compile(rf"(?<![{_LETTERS}])(?:{_PERSON})?(?:{'|'.join(_FIXED)})(?![{_LETTERS}&])")


@cache
def _groups() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![{_LETTERS}])(?:(?:Thủ trưởng|Người đứng đầu|thủ trưởng|người đứng đầu|Giám đốc)\s+)?(?:{_GROUP}|{_BARE_GROUP})(?![{_LETTERS}])"
    )


@cache
def _field_heads() -> re.Pattern[str]:
    return re.compile(rf"(?<![{_LETTERS}])(?:{_PERSON})?{_FIELD_HEAD}\s+(?=[{_UPPER}]|[\"“])")


_SHORT = re.compile(rf"(?:{_SHORT_FIELDS})(?![{_LETTERS}&])")
_WORD = re.compile(rf"[{_LETTERS}]+")
_TAIL = re.compile(rf"(?:{_OF_LEVEL})(?![{_LETTERS}])")
_LONGEST_FIELD = max(field.count(" ") for field in FIELDS) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundName:
    """A name of a body with its place in the text. `is_group`: it means many."""

    words: str
    start: int
    end: int
    is_group: bool = False


LONGEST = 6_000  # of a paragraph that is searched for names; no real one is longer


def names_in(text: str) -> list[FoundName]:
    """Return the bodies that a text names in its first 6,000 characters, in order; the longest name at each place."""
    return list(_names(text[:LONGEST]))


@lru_cache(maxsize=4096)
def _names(text: str) -> tuple[FoundName, ...]:
    plain = text.replace("\n", ";")
    found = [_named(text, *match.span()) for match in _fixed().finditer(plain)]
    found.extend(_with_fields(plain, text))
    bare = list(plain)  # «UBND các huyện và các sở»: the second begins after the first
    for each in found:
        bare[each.start : each.end] = "\x00" * (each.end - each.start)
    found.extend(
        FoundName(words=text[match.start() : match.end()], start=match.start(), end=match.end(), is_group=True)
        for match in _groups().finditer("".join(bare))
    )
    kept: list[FoundName] = []
    for each in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return tuple(kept)


def _named(text: str, start: int, end: int) -> FoundName:
    words = text[start:end].rstrip(" -–,")
    end = start + len(words)
    return FoundName(words=words, start=start, end=end, is_group=means_many(words))


_MANY = re.compile(
    rf"(?<![{_LETTERS}])(?:[Cc]ác|cấp huyện|cấp xã|cùng cấp|cơ sở|\d+ huyện)(?![{_LETTERS}])|{_LEVEL}\s*[,;/]\s*(?:các\s+)?{_LEVEL}|{_LEVEL}\s+và\s+(?:các\s+)?{_LEVEL}|^(?:[Ll]ực lượng)"
)


def means_many(words: str) -> bool:
    """Tell whether a name stands for many bodies: «UBND các huyện, thành phố», «Công an cấp xã»."""
    bare = re.sub(
        r"Liên hiệp [Cc]ác|(?:Quản lý|quản lý) các|các [Kk]hu công nghiệp|các KCN|các [Kk]hu kinh tế|các dự án|các [Hh]ội",
        "",
        words,
    )
    return bool(_MANY.search(bare))


def _with_fields(plain: str, text: str) -> list[FoundName]:
    found = []
    for match in _field_heads().finditer(plain):
        end = _field_end(plain, match.end())
        if end is None:
            continue
        tail = _TAIL.match(plain, end)
        words = text[match.start() : tail.end() if tail else end].rstrip(" -–,")
        found.append(FoundName(words=words, start=match.start(), end=match.start() + len(words), is_group=False))
    return found


def _field_end(plain: str, start: int) -> int | None:
    """Return where the field or name that begins here ends: the longest known field, else capitalised words."""
    if short := _SHORT.match(plain, start):
        return short.end()
    words: list[re.Match[str]] = []
    for word in _WORD.finditer(plain, start):
        between = plain[words[-1].end() : word.start()] if words else ""
        if words and not re.fullmatch(r"\s*[,\-–&]?\s*", between):
            break
        words.append(word)
        if len(words) > _LONGEST_FIELD:
            break
    if not words or words[0].start() != start:
        return None
    for count in range(len(words), 0, -1):
        if _field(plain[start : words[count - 1].end()]) in _FIELD_SET:
            return _named_on(plain, words[count - 1].end())
    is_long = re.search(r"(?:Cục|Vụ|Tổng cục|Chi cục)\s+$", plain[:start])
    capital = re.compile(
        _LONG_NAME if is_long else rf"{_NAME_WORD}(?:(?:\s+|\s*-\s*|\s+và\s+){_NAME_WORD}){{0,6}}"
    ).match(plain, start)
    return capital.end() if capital and capital[0].upper() != capital[0][:1] else None


_NAMED_ON = re.compile(
    rf"(?: (?!(?:UBND|HĐND|Sở|Bộ|Ban|Công|Phòng|Văn|Các|Giao|Chủ|Phối|Thực|Trung|Hội|Ủy|Uỷ|Cục|Chi|Thanh|Tỉnh|Huyện|Bảo|Đài|Báo)\b){_NAME_WORD})+"
)


def _named_on(plain: str, end: int) -> int:
    """«Phòng Giáo dục Mầm non»: capitalised words after a known field belong to the name, with one small word after the last."""
    more = _NAMED_ON.match(plain, end)
    if not more:
        return end
    return more.end() + (4 if plain.startswith(" non", more.end()) else 0)


def _field(words: str) -> str:
    plain = re.sub(r"\s*[-–]\s*", " - ", fold(unify_tone_placement(words)))
    return re.sub(r"\s*,\s*", ", ", plain).replace("&", "va")


# --- Lists of names.

_JOIN = re.compile(
    r"[\s,;/&+.]*(?:\b(?:và|cùng với|cùng|với|hoặc)\b)?[\s,;/&\-–+•:]*(?:\b(?:và|của)\b\s*)?", re.IGNORECASE
)


def list_at(text: str, start: int) -> tuple[list[FoundName], int]:
    """
    Return the names that stand one after another from `start` («A, B, C và D»), and where the list ends.

    «các huyện Lục Nam, Lục Ngạn»: further places of the same head are names too.
    """
    names = [each for each in names_in(text) if each.start >= start]
    taken: list[FoundName] = []
    at = start
    for each in names:
        gap = text[at : each.start]
        if not re.fullmatch(r"\s*(?:\([^()]{0,80}\)\s*)?" + _JOIN.pattern, gap, re.IGNORECASE):
            break
        if taken and re.search(r"[.]\s", gap):
            break
        taken.append(each)
        at = each.end
        for place in _more_places(text, each):
            taken.append(place)
            at = place.end
    return taken, at


_MORE = re.compile(rf"\s*(?:,|và|;)\s+(?P<name>{_PLACE})(?![{_LETTERS}])")


def _more_places(text: str, name: FoundName) -> list[FoundName]:
    """«UBND các huyện Lục Nam, Lục Ngạn và Sơn Động»: the places after the first."""
    if not re.search(rf"(?:các|\d)\s+{_LEVEL}\s+{_PLACE}$", name.words):
        return []
    places = []
    at = name.end
    while found := _MORE.match(text, at):
        if any(
            each.start <= found.start("name") < each.end
            for each in names_in(text[: found.end() + 60])
            if each.start >= at
        ):
            break
        places.append(FoundName(words=found["name"], start=found.start("name"), end=found.end("name")))
        at = found.end()
    return places


# What begins so is a name of its own in a list; other words after a comma go on with the name before them.
_NAME_HEAD = re.compile(
    r"\s*(?:sở|bộ|ban|phòng|cục|vụ|chi|tổng|ubnd|hđnd|công|văn|vp|thanh|hội|đoàn|đảng|huyện|tỉnh|thành|xã|phường|thị|các|cơ|đơn|trung|trường|bệnh|trạm|viện|học|"
    r"đài|báo|tổ|bưu|viettel|vnpt|mobi|fpt|kho|bhxh|bảo|ngân|thuế|điện|cty|doanh|nhà|ủy|uỷ|mặt|mttq|liên|hợp|quỹ|tòa|toà|hạt|đội|tập|bql|ca|cb|cán|chủ|trưởng|"
    r"tổ|thôn|bản|khu|hđ|nhóm|cá nhân|hộ|người|lực|quân|ngành|đặc|địa|chính|lãnh|giám|những|một|cùng|toàn|hải|kiểm|cổng|đại|chuyên|xóm|nông|phụ|cựu|tt|ông|bà|đ/c)",
    re.IGNORECASE,
)
_CELL_SPLIT = re.compile(r"\s*[\n;•]\s*|\s*,\s*|\s+và\s+|(?:^|(?<=\n))\s*[-+–]\s*|\s+/\s+")
_NO_NAME = re.compile(
    r"(?:và|các|cùng|với|của|theo|như trên|nt|nt\.|\"|-|–|x|khác|liên quan|có liên quan|chủ trì|phối hợp|thực hiện|đầu mối|[\d\W]*)",
    re.IGNORECASE,
)


def names_of_cell(text: str) -> list[str]:
    """
    Return the names in a cell that holds nothing but names: known ones whole, and what stands between the separators.

    The column says that they are bodies, so a name need not look like one.
    """
    known = names_in(text)
    pieces: list[tuple[int, int]] = []
    at = 0
    for end_of_name in [*known, None]:
        start = end_of_name.start if end_of_name else len(text)
        offset = at
        for piece in _CELL_SPLIT.split(text[at:start]):
            begin = text.find(piece, offset) if piece else offset
            offset = begin + len(piece)
            if piece.strip(" .,:;()[]–-+•\n\t"):
                pieces.append((begin, offset))
        if end_of_name:
            pieces.append((end_of_name.start, end_of_name.end))
            at = end_of_name.end
    joined: list[tuple[int, int]] = []
    for begin, end in pieces:
        gap = text[joined[-1][1] : begin] if joined else ""
        is_rest = re.fullmatch(r" ?", gap) or (
            re.fullmatch(r"\s*,\s*|\s+và\s+", gap)
            and not _NAME_HEAD.match(text, begin)
            and (text[begin].islower() or "và" in gap)
        )
        if joined and is_rest and not re.match(r"\s*[(:]", text[begin:end]):
            joined[-1] = joined[-1][0], end  # «Phòng» + «Giáo dục Mầm non»: nothing parts them
        else:
            joined.append((begin, end))
    found = []
    for begin, end in joined:
        words = " ".join(text[begin:end].split()).strip(" .,:;()[]–-+•")
        if words and not _NO_NAME.fullmatch(words) and len(words) < 160:
            found.append(words)
    return list(dict.fromkeys(found))


def is_only_names(text: str) -> list[FoundName]:
    """Return the names when the text is nothing but names («6.2. Công an tỉnh» without its number), else an empty list."""
    plain = text.strip(" :.;*")
    offset = text.find(plain)
    plain = re.sub(
        r"^(?:Giao|Đề nghị|Yêu cầu|Trách nhiệm (?:của|các)|Nhiệm vụ của|Đối với|Phân công|Trách nhiệm)\s*:?\s*", lambda match: " " * len(match[0]), plain,
        flags=re.IGNORECASE,
    )  # fmt: skip
    names = names_in(plain)
    if not names:
        return []
    rest = plain
    for each in reversed(names):
        rest = rest[: each.start] + rest[each.end :]
    rest = re.sub(r"\([^)]*\)", "", rest)
    if re.fullmatch(
        r"[\s,;:.\-–/&]*(?:(?:và|cùng|các|với|theo|chức năng, nhiệm vụ)[\s,;:.\-–/&]*)*", rest, re.IGNORECASE
    ):
        return [
            FoundName(words=each.words, start=each.start + offset, end=each.end + offset, is_group=each.is_group)
            for each in names
        ]
    return []


def joined_keys(names: Sequence[str]) -> set[str]:
    """Return the names as compared: folded, the spellings of one body alike."""
    return {key_of(each) for each in names}


def key_of(name: str) -> str:
    """Return what all spellings of one body share: «UBND» for «Ủy ban nhân dân», without blanks at marks."""
    key = fold(unify_tone_placement(name))
    for pattern, short in (
        (r"\buy ban nhan dan\b", "ubnd"),
        (r"\bhoi dong nhan dan\b", "hdnd"),
        (r"\b(?:chu tich|giam doc|thu truong|nguoi dung dau)\s+", ""),
        (r"\bvan phong\b", "vp"),
        (r"\bva\b|&", " "),
        (r"[^a-z0-9]+", " "),
        (r"^(?:cac|luc luong) ", ""),
    ):
        key = re.sub(pattern, short, key)
    return " ".join(key.split())
