"""What is said to the codes of the desk and of `vnlib.identity`: what happened, and what to do. A service adds its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SCAN_AGAIN: Final = _("Đọc chưa đủ. Quét lại thẻ.")
_TYPE_IT: Final = _("Không đọc đúng được tên. Quét lại bằng máy ảnh, hoặc nhập tay kèm lý do.")
_CONTRADICTS: Final = _("Số định danh không khớp ngày sinh hoặc giới tính. Quét lại; vẫn sai thì xem thẻ tận tay.")
_MRZ_AGAIN: Final = _("Dòng MRZ có ký tự sai. Lau sạch thẻ, đọc lại.")

WORDS: Final[Mapping[str, Promise]] = {
    # of the desk
    "unknown_act": _("Máy dùng việc mà máy chủ không còn. Mở lại trang khi có mạng rồi ghi lại."),
    "bearer_missing": _("Việc này cần giấy tờ. Quét thẻ hoặc nhập tay kèm lý do."),
    "count_missing": _("Việc này cần số người. Ghi lại kèm số người."),
    "reason_missing": _("Thiếu lý do. Ghi lại kèm lý do."),
    "after_revocation": _("Ghi sau khi máy bị thu hồi nên không nhận. Ghi lại trên máy khác."),
    "annuls_unknown": _("Không thấy lượt cần hủy. Kiểm tra lại danh sách đã gửi."),
    "annuls_other_place": _("Lượt cần hủy thuộc nơi khác. Báo nơi đó hủy."),
    "annuls_rejected": _("Lượt này đã không được nhận, không cần hủy."),
    "annulled_already": _("Lượt này đã được hủy trước đó."),
    "unreadable": _SCAN_AGAIN,
    # of reading a card or a number
    "empty": _SCAN_AGAIN,
    "truncated": _SCAN_AGAIN,
    "unknown_shape": _("Mã QR này không phải của thẻ căn cước. Quét mã trên thẻ."),
    "not_id_card": _("Mã QR này không phải của thẻ căn cước. Quét mã trên thẻ."),
    "insurance_card": _("Đây là thẻ bảo hiểm y tế. Quét mã trên thẻ căn cước."),
    "mrz_not_qr": _("Đây là dòng MRZ. Chọn đọc hộ chiếu, hoặc quét mã QR."),
    "two_cards": _("Hai thẻ dính vào một lượt đọc. Quét từng thẻ."),
    "too_many_reads": _("Nhiều lượt đọc dính vào nhau. Quét từng thẻ."),
    "reads_differ": _("Hai thẻ dính vào một lượt đọc. Quét từng thẻ."),
    "too_long": _("Mã QR này không phải của thẻ căn cước. Quét mã trên thẻ."),
    "separators_lost": _("Máy quét làm mất dấu ngăn. Mở trang thử máy quét để chỉnh."),
    "wrong_layout": _("Bàn phím của máy đặt sai kiểu. Chọn kiểu US rồi quét lại."),
    "ambiguous_layout": _("Bàn phím của máy đặt sai kiểu. Chọn kiểu US rồi quét lại."),
    "ambiguous_typing": _("Bộ gõ tiếng Việt làm sai chữ. Tắt bộ gõ rồi quét lại."),
    "letters_lost": _TYPE_IT,
    "ambiguous": _TYPE_IT,
    "ambiguous_encoding": _TYPE_IT,
    "bad_name": _TYPE_IT,
    "no_name": _SCAN_AGAIN,
    "no_address": _SCAN_AGAIN,
    "broken_lines": _SCAN_AGAIN,
    "bad_number": _("Số trên giấy tờ không đúng. Quét lại, hoặc nhập tay kèm lý do."),
    "bad_length": _("Thiếu hoặc thừa ký tự. Đọc lại; nhập tay thì kiểm tra đủ 12 chữ số."),
    "bad_chars": _("Có ký tự lạ. Đọc lại; nhập tay thì chỉ nhập chữ số."),
    "bad_cancelled_number": _("Số bị hủy ghi trên thẻ không đúng. Quét lại thẻ."),
    "bad_old_id": _("Số CMND cũ không đúng. Quét lại thẻ."),
    "bad_dob": _("Ngày sinh đọc ra không có thật. Quét lại thẻ."),
    "bad_sex": _("Giới tính đọc ra không đúng. Quét lại thẻ."),
    "bad_issued": _("Ngày cấp đọc ra không có thật. Quét lại thẻ."),
    "issued_before_birth": _("Ngày cấp trước ngày sinh. Quét lại thẻ."),
    "issued_in_future": _("Ngày cấp ở sau hôm nay. Quét lại; kiểm tra giờ của máy."),
    "unknown_province": _("Mã tỉnh trong số định danh không có trong bảng. Xem thẻ tận tay."),
    "number_sex_conflict": _CONTRADICTS,
    "number_year_conflict": _CONTRADICTS,
    "century_in_future": _CONTRADICTS,
    # of reading an MRZ
    "bad_line_count": _("Thiếu dòng MRZ. Đọc lại cả hai hoặc ba dòng."),
    "bad_type": _("Giấy tờ này không phải thẻ căn cước hoặc hộ chiếu. Xin giấy tờ khác."),
    "birth_incomplete": _("Ngày sinh trên giấy tờ không đủ. Xem thẻ tận tay, nhập tay kèm lý do."),
    "birth_in_future": _MRZ_AGAIN,
    "bad_document_number_check": _MRZ_AGAIN,
    "bad_citizen_number_check": _MRZ_AGAIN,
    "bad_birth_check": _MRZ_AGAIN,
    "bad_expiry_check": _MRZ_AGAIN,
    "bad_optional_check": _MRZ_AGAIN,
    "bad_composite_check": _MRZ_AGAIN,
    "bad_birth_date": _MRZ_AGAIN,
    "bad_expiry_date": _MRZ_AGAIN,
    "number_copies_differ": _("Hai chỗ ghi số trong dòng MRZ khác nhau. Xem thẻ tận tay."),
}

FLAGS: Final[Mapping[str, Promise]] = {
    "clock_skew": _("Đồng hồ máy lệch quá 5 phút"),
    "clock_unknown": _("Chưa biết độ lệch đồng hồ"),
    "typed": _("Nhập tay"),
    "ime_decoded": _("Gỡ bộ gõ tiếng Việt"),
    "accents_lost": _("Mất dấu tiếng Việt"),
    "recoded": _("Sửa bảng mã"),
    "normalised": _("Chuẩn hóa chữ"),
    "layout_undone": _("Gỡ kiểu bàn phím"),
    "case_fixed": _("Sửa chữ hoa, chữ thường"),
    "trimmed": _("Bỏ ký tự thừa"),
    "separator_mapped": _("Sửa dấu ngăn"),
    "deduplicated": _("Bỏ lượt đọc lặp"),
    "resynchronised": _("Lấy lượt đọc đủ cuối cùng"),
    "unknown_field": _("Có mục lạ trên thẻ"),
    "unusual_word": _("Có chữ lạ, cần xem lại"),
    "may_be_born_abroad": _("Có thể sinh ở nước ngoài"),
    "case_folded": _("Sửa chữ hoa, chữ thường"),
    "lines_rejoined": _("Ghép lại dòng MRZ"),
    "name_truncated": _("Tên bị cắt ngắn"),
    "ocr_digit": _("Sửa chữ số đọc nhầm"),
    "ocr_letter": _("Sửa chữ cái đọc nhầm"),
    "ocr_filler": _("Sửa ký tự đệm MRZ"),
    "unknown_issuer": _("Mã nước cấp lạ"),
    "unknown_nationality": _("Mã quốc tịch lạ"),
    "unknown_type": _("Loại giấy tờ lạ"),
    "nationality_conflict": _("Quốc tịch không khớp nơi cấp"),
    "no_citizen_number": _("Không có số định danh"),
    "unusual_document_number": _("Số giấy tờ khác thường"),
    "unusual_optional": _("Mục tự chọn khác thường"),
    "unusual_sex": _("Giới tính khác thường"),
    "expiry_conflict": _("Ngày hết hạn không hợp với ngày sinh"),
}
"""Words to the flags of an event in lists; a flag that stands here not is shown as it is."""


def words_of(code: str, more: Mapping[str, Promise] | None = None) -> str:
    """Return what is said to a code: the service's words first, then the desk's, then the code itself."""
    said = (more or {}).get(code) or WORDS.get(code) or FLAGS.get(code)
    return str(said) if said else code
