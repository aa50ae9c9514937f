"""
Passive authentication (ICAO Doc 9303-11, 5.1): did an authority that the operator trusts sign what the chip holds?

    1 sod                  EF.SOD is SignedData with one signer and a list of hashes
    2 signer               the signer's certificate is there and meant for signing documents
    3 message_digest       the signed attributes hold the hash of that list, and its type
    4 sod_signature        the signer's key signed those attributes
    5 chain                a trusted issuer signed the signer's certificate
    6 validity_at_signing  signer and issuer were valid when the chip was signed
    7 validity_now         the signer is still valid today
    8 revocation           the issuer has not revoked the signer
    9 dgN_hash             each group that was read is the one that was signed
   10 com                  EF.COM lists the same groups; unsigned, so it decides nothing
   11 strength             no weak hash, no short key
   12 dg1_dg13             both groups speak of one person
   13 printed              so does what the caller read elsewhere (the card's QR, its MRZ)
   14 copy                 never done here: a copied chip passes; only the chip itself can prove that it is none

A check that failed refuses the chip, or flags it where `_FLAGS` says so. It does not say whose face is in front of the clerk.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from vnlib.identity.chip.certificates import (
    DIGITAL_SIGNATURE,
    Certificate,
    RevocationList,
)
from vnlib.identity.chip.errors import AlgorithmNotUsableError, ChipError, DataGroupError, KeyNotUsableError
from vnlib.identity.chip.files import Chip
from vnlib.identity.chip.keys import described, is_weak
from vnlib.identity.chip.lds import GROUP_TAGS, file_of, read_com, read_dg1, read_dg2, read_dg13
from vnlib.identity.chip.signatures import HASH_OF, WEAK_HASHES
from vnlib.identity.chip.sod import SecurityObject, read_sod
from vnlib.identity.chip.trust import TrustStore
from vnlib.identity.mrz import Mrz, MrzError, parse

# A signer's clock may be ahead of ours, and a day begins earlier in Việt Nam than in UTC.
_CLOCK_TOLERANCE = timedelta(days=1)
_SEXES = {"Nam": "M", "Nữ": "F"}


class State(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_DONE = "not_done"


class Decision(StrEnum):
    ACCEPT = "accept"
    ACCEPT_WITH_FLAG = "accept_with_flag"
    REFUSE = "refuse"


# Reasons that flag; every other one refuses.
_FLAGS = frozenset({
    "dsc_expired_but_valid_at_signing",
    "crl_stale",
    "crl_not_verified",
    "weak_hash",
    "weak_key",
    "dg1_unreadable",
    "dg1_dg13_name_differs",
})  # fmt: skip


class Check(NamedTuple):
    """One named check; `reason` is a stable code if it failed, `detail` says what was seen, for people."""

    name: str
    state: State
    detail: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Authentication:
    """
    The decision, the reason of the first check that refused or else flagged, and every check in order.

    `fields` are of the signed groups, and empty if the chip is refused. `signed_at` is when the signer says it signed.
    """

    decision: Decision
    reason: str
    checks: tuple[Check, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    signed_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the object that the command line prints."""
        return {
            "verdict": str(self.decision),
            "reason": self.reason,
            "checks": [{"name": one.name, "state": str(one.state), "detail": one.detail} for one in self.checks],
            "fields": dict(self.fields),
        }


def authenticate(
    chip: Chip, trust: TrustStore, *, at: datetime, printed: Mapping[str, str] | None = None
) -> Authentication:
    """
    Judge a chip as of `at` (aware); never raises for what the chip holds.

    `printed` holds what was read elsewhere of number, dob (ISO) and sex (Nam, Nữ). Without trusted issuers the reason is
    issuer_unknown: the signature may be right, but anybody may have made it.
    """
    return _Judge(chip, trust, at, printed or {}).judge()


class _Judge:
    """One run over the checks; each method is one check and relies on what those before it found."""

    def __init__(self, chip: Chip, trust: TrustStore, at: datetime, printed: Mapping[str, str]) -> None:
        self.chip, self.trust, self.at, self.printed = chip, trust, at, printed
        self.checks: list[Check] = []
        self.sod: SecurityObject | None = None
        self.signer: Certificate | None = None
        self.issuers: list[Certificate] = []
        self.issuer: Certificate | None = None
        self.is_issuer_unknown = False
        self.mrz: Mrz | None = None
        self.citizen: dict[str, str] = {}

    def judge(self) -> Authentication:
        self._read_groups()
        self._sod()
        if self.sod is not None:
            self._signer(self.sod)
            self._message_digest(self.sod)
            if self.signer is not None:
                self._signature(self.sod, self.signer)
                self._chain(self.signer)
                self._validity(self.signer)
                self._revocation(self.signer)
            self._hashes(self.sod)
            self._com(self.sod)
            self._strength(self.sod)
        self._persons()
        self._printed()
        self._add(
            "copy", State.NOT_DONE, "Chưa kiểm chip có bị sao chép không: việc đó cần chip đang nằm trên đầu đọc."
        )
        return self._outcome()

    def _outcome(self) -> Authentication:
        reasons = [check.reason for check in self.checks if check.state is State.FAILED]
        refused = [reason for reason in reasons if reason not in _FLAGS]
        if refused or self.is_issuer_unknown:
            decision, reason = Decision.REFUSE, refused[0] if refused else "issuer_unknown"
        elif reasons:
            decision, reason = Decision.ACCEPT_WITH_FLAG, reasons[0]
        else:
            decision, reason = Decision.ACCEPT, ""
        return Authentication(
            decision,
            reason,
            tuple(self.checks),
            {} if decision is Decision.REFUSE else self._fields(),
            self.sod.signed.signing_time if self.sod else None,
        )

    def _add(self, name: str, state: State, detail: str = "", reason: str = "") -> None:
        self.checks.append(Check(name, state, detail, reason))

    def _fail(self, name: str, reason: str, detail: str) -> None:
        self._add(name, State.FAILED, detail, reason)

    # -- 1 to 4: the signed list of hashes -------------------------------------------------------------------------

    def _sod(self) -> None:
        if not self.chip.sod:
            self._fail("sod", "no_sod", "Không có EF.SOD nên không kiểm được gì.")
            return
        try:
            self.sod = read_sod(self.chip.sod)
        except ChipError as error:
            self._fail("sod", "bad_sod", str(error))
            return
        self._add("sod", State.PASSED, f"{len(self.sod.hashes)} mã băm {self.sod.hash_name}")

    def _signer(self, sod: SecurityObject) -> None:
        sent = sod.signed.certificates
        # What the SOD carries is what the issuer meant: only if it carries none, the signer is looked for elsewhere.
        candidates = self.trust.read(sent) if sent else [*_certificates_of(self.chip.certificates), *self.trust.signers]
        signer = _the_one(sod, [one for one in candidates if sod.signed.is_signer(one)])
        if signer is None:
            detail = "Không có chứng thư của người ký trong EF.SOD" if sent else "Không tìm thấy chứng thư của người ký"
            self._fail("signer", "signer_not_found", f"{detail}, theo nơi cấp và số hiệu đã ghi.")
            return
        self.signer = signer
        try:
            key = described(signer.key)
        except KeyNotUsableError as error:
            self._fail("signer", "key_not_usable", str(error))
            return
        usage = signer.key_usage
        if (
            signer.is_ca
            or signer.purposes
            or signer.unknown_critical
            or (usage is not None and DIGITAL_SIGNATURE not in usage)
        ):
            self._fail("signer", "dsc_not_for_documents", "Chứng thư của người ký không dùng để ký giấy tờ.")
            return
        self._add("signer", State.PASSED, f"{signer.name}; {key}")

    def _message_digest(self, sod: SecurityObject) -> None:
        signed = sod.signed
        if not signed.digest_is_right:
            self._fail("message_digest", "message_digest_mismatch", "Danh sách mã băm đã bị sửa sau khi ký.")
        elif signed.signed_content_type != signed.content_type:
            self._fail("message_digest", "content_type_mismatch", "Loại nội dung khác với loại đã ký.")
        else:
            self._add("message_digest", State.PASSED, signed.digest)

    def _signature(self, sod: SecurityObject, signer: Certificate) -> None:
        algorithm = sod.signed.algorithm
        try:
            sod.signed.check_signature(signer)
        except (AlgorithmNotUsableError, KeyNotUsableError) as error:
            self._fail("sod_signature", error.code, str(error))
        except ChipError as error:
            self._fail("sod_signature", "bad_sod_signature", str(error))
        else:
            self._add("sod_signature", State.PASSED, f"{algorithm.kind} {algorithm.hash_name}")

    # -- 5 to 8: who signed ----------------------------------------------------------------------------------------

    def _chain(self, signer: Certificate) -> None:
        if not self.trust.issuers:
            self.is_issuer_unknown = True
            why = "Kho tin cậy không có chứng thư nào dùng được" if self.trust.sources else "Chưa có kho tin cậy"
            self._add("chain", State.NOT_DONE, f"{why}: không rõ ai cấp, không được coi là thật.")
            return
        self.issuers = self.trust.issuers_of(signer)
        if not self.issuers:
            self._fail("chain", "untrusted_dsc", f"Không nơi cấp nào trong kho tin cậy ký cho {signer.name}.")
            return
        # One key may have several certificates: the one that was valid at the time counts.
        moment = self._signed_at()[0]
        self.issuer = next((one for one in self.issuers if one.is_valid_at(moment)), self.issuers[0])
        self._add("chain", State.PASSED, f"{self.issuer.name}; SHA-256 {self.issuer.fingerprint}")

    def _signed_at(self) -> tuple[datetime, str]:
        """Return when the chip was signed, and by what: the signer's word, the day of issue in signed DG13, or else now."""
        if self.sod is not None and self.sod.signed.signing_time is not None:
            return self.sod.signed.signing_time, "thời điểm ký"
        issued = self.citizen.get("issued")
        if issued and self._group_is_signed(13):
            return datetime.combine(datetime.fromisoformat(issued).date(), time(12), UTC), "ngày cấp"
        return self.at, "hôm nay"

    def _validity(self, signer: Certificate) -> None:
        moment, by = self._signed_at()
        span = f"{_day(signer.valid_from)} – {_day(signer.valid_until)}"
        if moment - self.at > _CLOCK_TOLERANCE:
            self._fail("validity_at_signing", "signed_in_the_future", f"Thời điểm ký {moment:%d/%m/%Y} ở sau hôm nay.")
        elif not signer.is_valid_at(moment):
            self._fail(
                "validity_at_signing",
                "dsc_not_valid_at_signing",
                f"Chứng thư người ký ({span}) không có hiệu lực vào {by} {moment:%d/%m/%Y}.",
            )
        elif self.issuer is not None and not self.issuer.is_valid_at(moment):
            self._fail(
                "validity_at_signing",
                "csca_not_valid_at_signing",
                f"Chứng thư nơi cấp không có hiệu lực vào {by} {moment:%d/%m/%Y}.",
            )
        else:
            self._add("validity_at_signing", State.PASSED, f"{by} {_day(moment)}, chứng thư {span}")
        if self.at > signer.valid_until:
            self._fail(
                "validity_now",
                "dsc_expired_but_valid_at_signing",
                f"Chứng thư người ký hết hạn {signer.valid_until:%d/%m/%Y}; xét theo {by}.",
            )
        elif self.at < signer.valid_from:
            self._fail(
                "validity_now", "dsc_not_yet_valid", f"Chứng thư người ký có hiệu lực từ {signer.valid_from:%d/%m/%Y}."
            )
        else:
            self._add("validity_now", State.PASSED, f"đến {_day(signer.valid_until)}")

    def _revocation(self, signer: Certificate) -> None:
        if self.issuer is None:
            self._add("revocation", State.NOT_DONE, "Không rõ nơi cấp nên không biết danh sách thu hồi nào.")
            return
        revocations, wrong = self.trust.revocations_of(self.issuer)
        if revocations is None:
            if wrong:
                self._fail("revocation", "crl_not_verified", "Danh sách thu hồi có chữ ký sai nên không được dùng.")
            else:
                self._add("revocation", State.NOT_DONE, "Kho tin cậy không có danh sách thu hồi của nơi cấp này.")
            return
        self._against(revocations, signer)

    def _against(self, revocations: RevocationList, signer: Certificate) -> None:
        revoked = revocations.revoked.get(signer.serial)
        assert self.issuer is not None
        of_issuer = revocations.revoked.get(self.issuer.serial) if self.issuer.is_self_issued else None
        if revoked is not None:
            # Whether from that day only or because the key was stolen earlier, no list tells reliably: all it signed falls.
            self._fail("revocation", "dsc_revoked", f"Chứng thư người ký bị thu hồi từ {revoked:%d/%m/%Y}.")
        elif of_issuer is not None and self.issuer.serial != signer.serial:
            self._fail("revocation", "csca_revoked", f"Chứng thư nơi cấp bị thu hồi từ {of_issuer:%d/%m/%Y}.")
        elif revocations.next_update is None or revocations.next_update < self.at:
            self._fail("revocation", "crl_stale", f"Danh sách thu hồi ngày {revocations.this_update:%d/%m/%Y} đã cũ.")
        else:
            self._add("revocation", State.PASSED, f"không có trong danh sách ngày {revocations.this_update:%d/%m/%Y}")

    # -- 9, 10: what was signed ------------------------------------------------------------------------------------

    def _group_is_signed(self, number: int) -> bool:
        """Tell whether the group's hash is the signed one: of the file without the chip's padding, or with it."""
        assert self.sod is not None
        content, expected = self.chip.groups[number], self.sod.hashes.get(number)
        if expected is None:
            return False
        hash_of = HASH_OF[self.sod.hash_name]
        try:
            trimmed = file_of(content, GROUP_TAGS[number])
        except DataGroupError:
            trimmed = content
        return hash_of(trimmed).digest() == expected or (
            len(trimmed) != len(content) and hash_of(content).digest() == expected
        )

    def _hashes(self, sod: SecurityObject) -> None:
        if not self.chip.groups:
            self._fail("dg_hash", "no_data_group", "Không đọc được nhóm dữ liệu nào.")
        for number in sorted(self.chip.groups.keys() | sod.hashes.keys()):
            name = f"dg{number}_hash"
            if number not in self.chip.groups:
                self._add(name, State.NOT_DONE, f"Nhóm dữ liệu DG{number} không được đọc.")
            elif number not in sod.hashes:
                self._fail(name, "dg_not_in_sod", f"DG{number} không có trong danh sách đã ký.")
            elif not self._group_is_signed(number):
                self._fail(name, "dg_hash_mismatch", f"DG{number} khác với bản đã ký.")
            else:
                self._add(name, State.PASSED, sod.hash_name)

    def _com(self, sod: SecurityObject) -> None:
        if not self.chip.com:
            self._add("com", State.NOT_DONE, "Không có EF.COM; không cần cho kết luận.")
            return
        try:
            listed = set(read_com(self.chip.com).groups)
        except DataGroupError as error:
            self._add("com", State.NOT_DONE, f"{error} EF.COM không được ký nên không dùng để kết luận.")
            return
        if listed == sod.hashes.keys():
            self._add("com", State.PASSED, "cùng các nhóm dữ liệu với danh sách đã ký")
        else:
            self._add(
                "com",
                State.NOT_DONE,
                "EF.COM kể nhóm khác danh sách đã ký; nó không được ký nên không dùng để kết luận.",
            )

    def _strength(self, sod: SecurityObject) -> None:
        used = {sod.hash_name, sod.signed.digest, sod.signed.algorithm.hash_name}
        if self.signer is not None:
            used.add(self.signer.algorithm.hash_name)
        weak = sorted(used & WEAK_HASHES)
        keys = [one.key for one in (self.signer, self.issuer) if one is not None and _has_key(one)]
        if weak:
            self._fail("strength", "weak_hash", f"Dùng hàm băm yếu: {', '.join(weak)}.")
        elif any(is_weak(key) for key in keys):
            self._fail("strength", "weak_key", f"Dùng khóa ngắn: {', '.join(described(key) for key in keys)}.")
        else:
            self._add("strength", State.PASSED, ", ".join(sorted(used)))

    # -- 11, 12: whom it speaks of ---------------------------------------------------------------------------------

    def _read_groups(self) -> None:
        """Read DG1 and DG13 before they are judged: the day of issue may tell when the chip was signed."""
        self.mrz_fault = self.citizen_fault = ""
        if 1 in self.chip.groups:
            try:
                self.mrz = parse(read_dg1(self.chip.groups[1]), today=self.at.date())
            except (DataGroupError, MrzError) as error:
                self.mrz_fault = str(error)
        if 13 in self.chip.groups:
            try:
                self.citizen = read_dg13(self.chip.groups[13])
            except DataGroupError as error:
                self.citizen_fault = str(error)

    def _persons(self) -> None:
        mrz, citizen = self.mrz, self.citizen
        if mrz is None and not citizen:
            self._fail(
                "dg1_dg13", "no_particulars", f"Không đọc được người được cấp. {self.mrz_fault} {self.citizen_fault}"
            )
        elif self.mrz_fault:
            self._fail("dg1_dg13", "dg1_unreadable", f"Không đọc được DG1: {self.mrz_fault}")
        elif mrz is None or not citizen:
            why = self.citizen_fault or "Cần cả DG1 và DG13; thẻ căn cước từ 01/7/2024 có thể không cho đọc DG13."
            self._add("dg1_dg13", State.NOT_DONE, why)
        elif conflicts := _conflicts(_of_mrz(mrz), citizen):
            self._fail("dg1_dg13", "dg1_dg13_conflict", f"DG1 và DG13 khác nhau: {', '.join(conflicts)}.")
        elif not _is_name_of(citizen.get("name", ""), mrz):
            self._fail("dg1_dg13", "dg1_dg13_name_differs", "Họ tên trong DG1 và DG13 khác nhau.")
        else:
            self._add("dg1_dg13", State.PASSED, "cùng số, ngày sinh, giới tính, họ tên")

    def _printed(self) -> None:
        known = {**(_of_mrz(self.mrz) if self.mrz else {}), **self.citizen}
        wanted = {name: value for name, value in self.printed.items() if name in {"number", "dob", "sex"} and value}
        if not wanted:
            self._add("printed", State.NOT_DONE, "Không có số liệu in trên thẻ để so.")
        elif conflicts := _conflicts(wanted, known):
            self._fail("printed", "printed_conflict", f"Chip khác với thẻ: {', '.join(conflicts)}.")
        elif missing := [name for name in wanted if not known.get(name)]:
            self._add("printed", State.NOT_DONE, f"Chip không có: {', '.join(missing)}.")
        else:
            self._add("printed", State.PASSED, ", ".join(wanted))

    def _fields(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.mrz is not None:
            found |= {f"mrz_{name}": value for name, value in self.mrz.as_fields().items()}
            found |= _of_mrz(self.mrz)
        found |= self.citizen
        if 2 in self.chip.groups:
            try:
                photo = read_dg2(self.chip.groups[2])
                found |= {"photo_format": photo.format, "photo_bytes": len(photo.picture)}
            except DataGroupError:
                found["photo_format"] = ""
        return found


def _of_mrz(mrz: Mrz) -> dict[str, str]:
    number = mrz.held_number or mrz.document_number
    return {"number": number, "dob": mrz.birth, "sex": {"M": "Nam", "F": "Nữ"}.get(mrz.sex, "")}


def _conflicts(one: Mapping[str, str], two: Mapping[str, str]) -> list[str]:
    """Name those of number, dob and sex that both know and that differ."""
    return [
        name
        for name in ("number", "dob", "sex")
        if one.get(name) and two.get(name) and not _agree(name, one[name], two[name])
    ]


def _agree(name: str, one: str, two: str) -> bool:
    if name == "sex":
        return _SEXES.get(unicodedata.normalize("NFC", one), one) == _SEXES.get(unicodedata.normalize("NFC", two), two)
    if name == "dob":
        return one.startswith(two) or two.startswith(one)  # a zone may know the year alone
    return one == two


def _is_name_of(name: str, mrz: Mrz) -> bool:
    """Tell whether the zone's name is this name without its accents; a long one is cut off in the zone."""
    full, zone = _letters(name), _letters(mrz.surname + mrz.given)
    return not full or full == zone or ("name_truncated" in mrz.flags and full.startswith(zone))


def _letters(name: str) -> str:
    return _NO_LETTER.sub("", unicodedata.normalize("NFD", name.upper().replace("Đ", "D")))


_NO_LETTER = re.compile("[^A-Z]+")


def _day(moment: datetime) -> str:
    return f"{moment.day:02}/{moment.month:02}/{moment.year:04}"


def _the_one(sod: SecurityObject, named: list[Certificate]) -> Certificate | None:
    """Of several certificates with the name and number of the signer, take the one whose key signed; else the first."""
    for one in named if len(named) > 1 else ():
        try:
            sod.signed.check_signature(one)
        except ChipError:
            continue
        return one
    return named[0] if named else None


def _has_key(certificate: Certificate) -> bool:
    try:
        return certificate.key is not None
    except KeyNotUsableError:
        return False


def _certificates_of(contents: tuple[bytes, ...]) -> list[Certificate]:
    """Read the certificates that lay beside the chip, by the same reader as the trust store's; none becomes trusted."""
    beside = TrustStore()
    for content in contents:
        beside.add(content)
    return [*beside.signers, *beside.issuers, *beside.links]
