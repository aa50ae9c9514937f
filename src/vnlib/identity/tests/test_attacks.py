"""Damage that once passed silently with a wrong name or address, and true names and addresses that the rules against it must let through."""

import datetime as dt

import pytest

from vnlib.identity import Verdict, read_card_qr

TODAY = dt.date(2026, 6, 1)
PLACE = "Thôn Chùa, Tăng Tiến, Việt Yên, Bắc Giang"
HIGHLANDS = "Buôn Mẫu, Cư M'gar, Đắk Lắk"


def read(name="Nguyễn Văn Thử", address=PLACE):
    return read_card_qr(f"024090900001||{name}|05031990|Nam|{address}|14082021", today=TODAY)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("QUA'CH THỊ TIẾN", "QUÁCH THỊ TIẾN"),
        ("HỒ THANH HỮU A'I", "HỒ THANH HỮU ÁI"),
        ("Nguyễn Văn Kha'nh", "Nguyễn Văn Khánh"),
    ],
)
def test_one_acute_of_viqr_in_a_printed_text_is_read_and_told(typed, meant):
    reading = read(name=typed)
    assert (reading.flags, reading.fields["name"]) == (("ime_decoded",), meant)


@pytest.mark.parametrize(("typed", "meant"), [("Thôn Nu'i", "Thôn Núi"), ("Xo'm 5", "Xóm 5")])
def test_one_acute_of_viqr_in_an_address_is_read_and_told(typed, meant):
    reading = read(address=f"{typed}, Cao Xá, Tân Yên")
    assert (reading.flags, reading.fields["address"]) == (("ime_decoded",), f"{meant}, Cao Xá, Tân Yên")


@pytest.mark.parametrize(
    "name",
    [
        "NGUYN THÙY TIN",  # ễ and ế fell out
        "Phạm Thnah Hà",
        "Lê Mnih An",
        "Nguyễn Văn Asdfe",
        "Nguyễn",
        "nguyễn văn an",
        "Nguyễn Văn Văn An",
        "Trần Nga. Hoa",
        "Dặng Văn An",
        "Dỗ Thị Mai",
    ],
)
def test_name_that_was_seen_to_suffer_is_asked_about(name):
    reading = read(name=name)
    assert (reading.verdict, reading.flags) == (Verdict.REPAIRED, ("unusual_word",))


@pytest.mark.parametrize("name", ["Tran Bích Hoa", "Pham Bích Hoa", "Vo Thị Én", "Nguyễn Van Ánh"])
def test_name_with_one_word_without_its_marks_is_asked_about(name):
    assert read(name=name).flags == ("accents_lost",)


@pytest.mark.parametrize(
    "address",
    [
        "Thôn Chùa, Bắc Ginag",
        "Thôn Lnog, Cao Xá, Bắc Giang",
        "THÔN QAUNG, CAO XÁ, BẮC GIANG",
        "Thôn Chùa, Tăng Tiến, Việt Yên, ắc Giang",
        "Thôn Chùa, hị trấn Vôi, Bắc Giang",
        "Thôn ông, ông Quý, Tiền Hải, Thái Bình",
        "p 3, Khánh Hội, U Minh, Cà Mau",
        "Ấp 3, Khánh Hội, C Mau",
        "Thôn Chùa,, Bắc Giang",
        "Xóm , Hợp Đức, Tân Yên, Bắc Giang",
        "Thôn Chùa, Bắc Gang",
        "Thôn Chùa, Yên Dũng, Bác Giang",
        "Thôn Chùa, Tiền Hải, Nam Dịnh",
        "Khu 2, Cổ Bi, Gia Lâm, Hà Hà Nội",
        "Khu tập thể Rài tập thể Rài, Yên Lương, Phú Thọ",
        "Thôn Đ0a, Tân Yên, Bắc Giang",
        "Thôn Tam,73 Hòa Sơn, Bắc Giang",
        "Buôn Mẫu, Cư M'garr, Đắk Lắk",
        "Thôn Gia5ng, Yên Dũng, Bắc Giang",
        "Bản Mường, Xa Ly', Lu.c Ngạn, Bắc Giang",
    ],
)
def test_address_that_was_seen_to_suffer_is_asked_about(address):
    reading = read(address=address)
    assert (reading.verdict, reading.flags) == (Verdict.REPAIRED, ("unusual_word",))


def test_text_of_which_only_letters_of_latin_1_are_left_is_asked_about():
    """A device without ế, đ, ơ hands on the rest: «Ấp 3, Khánh Hội, U Minh, Cà Mau» and «Hứa Thu Bình»."""
    reading = read(name="HA THU BÌNH", address="Thôn 3, Khánh Hi, U Minh, Cà Mau")
    assert reading.flags == ("unusual_word",)


@pytest.mark.parametrize("name", ["Nguyeenx Vawn Bieef", "Nguyeenx Vawn Khahs", "LEEKHANHS VAWN DDAJT"])
def test_typed_word_that_cannot_be_read_refuses_the_rest(name):
    assert read(name=name).reason == "letters_lost"


def test_typed_word_of_an_address_that_cannot_be_read_refuses_the_rest():
    assert read("Nguyeenx Vawn Ddajt", "Phuwowngf Muwowgf, Hahj").reason == "letters_lost"


@pytest.mark.parametrize(
    "address",
    [
        "Thôn Chùa, Tân Yên, Bắc Giaang",  # Giang with a key that bounced, or Giâng in Telex
        "Buôn Mẫu, Cuw M'gaar, DDawks Lawks",
    ],
)
def test_key_struck_twice_is_not_taken_for_a_circumflex(address):
    reading = read(address=address)
    assert reading.verdict is Verdict.REFUSED or "unusual_word" in reading.flags


@pytest.mark.parametrize(
    ("name", "address", "reason"),
    [
        ("Nguyễn Văn An Nguyễn Văn An", PLACE, "bad_name"),
        ("Nguyễn Văn An", f"{PLACE}, {PLACE}", "bad_address"),
        ("K Văn An", PLACE, "letters_lost"),
        ("Trầ Văn An", HIGHLANDS, "bad_name"),
    ],
)
def test_field_sent_twice_or_with_a_letter_lost_is_refused(name, address, reason):
    assert read(name, address).reason == reason


@pytest.mark.parametrize("name", ["Nguyễn Vаn An", "Ｎguyễn Văn An", "Nguyễn Mınh An", "Nguyễn Văn An🙂"])
def test_letters_of_another_script_are_refused(name):
    """Cyrillic а, a full-width N, the Turkish ı: they look alike and never match in a search."""
    assert read(name=name).verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("K'Brếp", "Thôn 2, Đạ Chais, Lạc Dương, Lâm Đồng"),
        ("Bon Krong K' Sinh", "Thôn Đạ Nghịt, Lát, Lạc Dương, Lâm Đồng"),
        ("H' Hoa Niê", HIGHLANDS),
        ("H Nuôl Hmŏk", HIGHLANDS),
        ("H'Kiêng Eñuôl", HIGHLANDS),
        ("Y Wơn Niê Siêng", HIGHLANDS),
        ("Byin", "Làng Kon Klah, Hra, Mang Yang, Gia Lai"),
        ("Rah Lan Bơr", "Làng Plei Tol, Ia Sao, Ia Grai, Gia Lai"),
        ("Rơ Mah Thoan", "Thôn 4, Ia Chia, Ia Grai, Gia Lai"),
        ("A Ngưr", "Thôn 23, Ia H'Drai, Kon Tum"),
        ("Tơ Ngôl Vân", "Thôn Pà Rum, Zuôich, Nam Giang, Quảng Nam"),
        ("Thạch Thị Si Nươl", "Ấp Trà Kha, Đôn Xuân, Duyên Hải, Trà Vinh"),
        ("Néang Sóc Khia", "Ấp Phước Long, Ô Lâm, Tri Tôn, An Giang"),
        ("Voòng A Sáng", "Ấp 4, Phú Tân, Định Quán, Đồng Nai"),
        ("Quàng Thị Thoong", "Bản Púng, Chiềng Khoong, Sông Mã, Sơn La"),
        ("Giàng A Páo", "Bản Nậm Ét, Mù Căng Chải, Yên Bái"),
        ("Lê Victoria", PLACE),
        ("Nguyễn Văn Én", "Khu C, Tam Xuân II, Núi Thành, Quảng Nam"),
        ("Nguyễn Văn Én", "Thôn 2, Cư K Róa, M'Đrắk, Đắk Lắk"),
        ("Nguyễn Văn Én", "Số 12 ngõ 5 đường Lê Lợi, tổ dân phố số 3, Sơn La, Sơn La"),
        ("Nguyễn Văn Én", "Lô C 12, Khu B, Long Điền A, Chợ Mới, An Giang"),
        ("Nguyễn Văn Én", "Khóm 2, Bà Rịa, Bà Rịa - Vũng Tàu"),
        ("Nguyễn Văn Én", "Ấp Vịnh, Võ Ninh, Quảng Ninh, Quảng Bình"),
        ("Nguyễn Văn Én", "Thôn Bản, Đa Quyn, Đức Trọng, Lâm Đồng"),
        ("Nguyễn Văn Én", "Thôn Kép, Thuỷ Nguyên, Tỉnh Thanh Hoá"),
    ],
)
def test_true_names_and_places_are_left_alone(name, address):
    reading = read(name, address)
    assert (reading.verdict, reading.fields["name"], reading.fields["address"]) == (Verdict.OK, name, address)


def test_wrong_encoding_of_a_card_that_is_asked_about_is_undone_all_the_same():
    text = "024090900001||Nguyễn Linh Linh|05031990|Nam|Thôn Chùa, Bắc Giang|14082021"
    reading = read_card_qr(text.encode().decode("latin-1"), today=TODAY)
    assert (reading.flags, reading.fields["name"]) == (("recoded", "unusual_word"), "Nguyễn Linh Linh")


@pytest.mark.parametrize("name", ["Haji Ibrohim", "Trần Thị Rosa", "Y Krang Tor"])
def test_name_that_telex_might_have_typed_stays_and_is_asked_about(name):
    reading = read(name, "Ấp 3, Núi Tô, Tri Tôn, An Giang")
    assert reading.fields["name"] == name
    assert reading.flags == ("unusual_word",)
