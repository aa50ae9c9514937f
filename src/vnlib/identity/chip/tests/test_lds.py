from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vnlib.identity.chip import der
from vnlib.identity.chip.certificates import country, in_words, read_certificate, read_revocation_list, same_name
from vnlib.identity.chip.errors import CertificateError, DataGroupError, RevocationListError, SignedDataError
from vnlib.identity.chip.lds import read_com, read_dg1, read_dg2, read_dg13
from vnlib.identity.chip.masterlist import look_at, read_master_list
from vnlib.identity.chip.sod import read_sod
from vnlib.identity.chip.tests.chips import DATA, GROUPS, Authority

PUBLIC = DATA / "public_mit"
SAMPLE = DATA / "emrtd" / "02_no_expiry_spouse"


def test_public_examples_of_icao_are_read():
    assert read_com((PUBLIC / "EF_COM.bin").read_bytes()).groups == (1, 2)
    assert read_com((PUBLIC / "EF_COM.bin").read_bytes()).lds_version == "1.6"
    assert read_dg1((PUBLIC / "DG1.bin").read_bytes()).startswith("I<UTOERIKSSON<<ANNA<MARIA")
    sod = read_sod((PUBLIC / "EF_SOD.bin").read_bytes())
    assert sod.hash_name == "sha256"
    assert set(sod.hashes) == {1, 2, 3, 11, 12, 14}
    assert "C=AT" in in_words(read_certificate(sod.signed.certificates[0]).issuer)


def test_icao_example_of_dg13_is_no_vietnamese_one():
    with pytest.raises(DataGroupError):
        read_dg13((PUBLIC / "DG13.bin").read_bytes())


def test_long_values_of_dg13_have_two_bytes_of_length():
    """Public readers take one byte for the length and break at 128."""
    address = "Thôn Thử Nghiệm, " * 20
    entry = der.encode(0x30, der.encode(2, b"\x09") + der.encode(0x0C, address.encode()))
    assert read_dg13(der.encode(0x6D, der.encode(0x30, entry))) == {"address": address}


@pytest.mark.parametrize(
    ("magic", "kind"),
    [(b"\xff\xd8\xff\xe0", "jpg"), (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"), (b"\xff\x4f\xff\x51", "j2k")],
)
def test_photo_is_told_by_its_first_bytes(magic, kind):
    block = der.encode(0x5F2E, b"FAC\x00010\x00" + b"\0" * 38 + magic + b"picture")
    content = der.encode(
        0x75, der.encode(0x7F61, der.encode(2, b"\1") + der.encode(0x7F60, der.encode(0xA1, b"") + block))
    )

    photo = read_dg2(content)

    assert (photo.format, photo.picture) == (kind, magic + b"picture")


def test_names_are_compared_beyond_their_bytes():
    one, two = Authority(common="CSCA  Test").subject, Authority(common="csca test").subject
    assert same_name(one, two)
    assert not same_name(one, Authority(common="Test").subject)
    assert country(one) == "VN"


def samples():
    csca = Authority()
    yield from GROUPS.values()
    yield (SAMPLE / "EF_COM.bin").read_bytes()
    yield (SAMPLE / "DG13.bin").read_bytes()
    for case in sorted((DATA / "emrtd").glob("0*")):
        yield (case / "EF_SOD.bin").read_bytes()
        yield (case / "csca.der").read_bytes()
    yield (PUBLIC / "EF_SOD.bin").read_bytes()
    yield (DATA / "csca_vn_epassport_2022.der").read_bytes()
    yield csca.crl(5, 6)
    yield (DATA / "masterlists" / "DE_ML_2024-08-07-07-38-24.ml").read_bytes()[:4000]


SAMPLES = list(samples())
READERS = [
    (read_com, DataGroupError), (read_dg1, DataGroupError), (read_dg2, DataGroupError), (read_dg13, DataGroupError),
    (read_sod, SignedDataError), (read_certificate, CertificateError), (read_revocation_list, RevocationListError),
    (read_master_list, SignedDataError),
]  # fmt: skip


@st.composite
def mutated(draw):
    """A real file with a few bytes changed, put in, or cut out."""
    content = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(content)))
        cut = draw(st.integers(0, 3))
        content[place : place + cut] = draw(st.binary(max_size=4))
    return bytes(content)


@settings(max_examples=400, deadline=10_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(mutated(), st.binary(max_size=300)))
def test_readers_raise_only_their_documented_error(content):
    for read, error in READERS:
        with suppress(error):
            read(content)
    look_at(content)
    same_name(content, SAMPLES[0])
    assert len(in_words(content)) <= 300


@pytest.mark.parametrize("read_error", READERS, ids=[read.__name__ for read, _ in READERS])
def test_deep_nesting_and_huge_lengths_are_refused_at_once(read_error):
    read, error = read_error
    deep = b""
    for _ in range(3000):
        deep = der.encode(0x30, deep)
    for content in (
        deep,
        b"\x30\x84\xff\xff\xff\xff" + b"\0" * 99,
        b"\x77\x84\x7f\xff\xff\xff\0",
        b"\x1f" + b"\xff" * 99,
    ):
        with pytest.raises(error):
            read(content)


@pytest.mark.parametrize("read_error", READERS, ids=[read.__name__ for read, _ in READERS])
def test_many_small_elements_are_refused_before_they_are_kept(read_error):
    read, error = read_error
    many = b"\5\0" * 300_000
    for tag in (0x30, 0x60, 0x61, 0x75, 0x6D, 0x77):
        with pytest.raises(error):
            read(der.encode(tag, many))
