"""
How fast chips are judged, as a ratio to the same signature and hash calls made bare in the same run.

Bare: the signatures by keys that are ready, and the hashes of groups and list. Ours: reads the whole chip (SOD, signer's
certificate, DG1, DG13), finds the issuer in a trust store read once, and makes every check. The first chip of a signer: the store
knows nothing of the signer; both signatures are due. A further chip of that signer, as nearly all are at a desk: its certificate
has been read and its chain found; one signature is due, and bare makes one (`of both`: against bare that makes both, as for every
chip without a memory). One sample chip of each kind; median of interleaved runs. Prints verifications per second of both, and the
ratio.
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"
sys.path.insert(0, str(SOURCE))

from vnlib.identity.chip import Chip, TrustStore, authenticate, read_folder  # noqa: E402
from vnlib.identity.chip.certificates import read_certificate  # noqa: E402
from vnlib.identity.chip.cms import SignedData  # noqa: E402
from vnlib.identity.chip.der import SET, children, element, encode  # noqa: E402
from vnlib.identity.chip.lds import GROUP_TAGS, file_of  # noqa: E402
from vnlib.identity.chip.signatures import verify  # noqa: E402
from vnlib.identity.chip.sod import read_sod  # noqa: E402

SAMPLES = SOURCE / "vnlib" / "identity" / "tests" / "data"
CASES = {
    "ECDSA P-256, issuer P-384": "01_ecdsa_p256",
    "ECDSA plain, issuer P-384": "05_plain_ecdsa",
    "RSA-PSS 2048": "07_rsa_pss",
    "RSA PKCS#1 2048": "08_rsa_pkcs1",
    "ECDSA brainpoolP256r1, explicit": "09_brainpool_explicit",
}
AT = datetime(2026, 6, 1, tzinfo=UTC)
ROUNDS = 31
CHIPS_A_ROUND = 40


def main() -> None:
    """Measure and print."""
    for label, trust_of in (
        ("trust store: the issuer alone", []),
        ("trust store: and the German master list", _master_lists()),
    ):
        for is_first in (True, False):
            print(f"{label}; {'first chip of a signer' if is_first else 'further chip of a signer'}")
            ratios = [
                _measured(name, SAMPLES / "emrtd" / case, trust_of, is_first=is_first) for name, case in CASES.items()
            ]
            print(f"  {'all kinds, geometric mean':34} {'':28} ratio {statistics.geometric_mean(ratios):.2f}")


def _master_lists() -> list[Path]:
    return sorted((SAMPLES / "masterlists").glob("*.ml"))


def _measured(name: str, folder: Path, more_trust: list[Path], *, is_first: bool) -> float:
    chip = read_folder(folder)
    trust = TrustStore.load([folder / "csca.der", *more_trust])
    assert authenticate(chip, trust, at=AT).decision == "accept"
    bare = _bare(chip, trust, is_first=is_first)
    both = _bare(chip, trust, is_first=True)

    def ours() -> None:
        if is_first:
            trust.forget()
        authenticate(chip, trust, at=AT)

    took: dict[str, list[float]] = {"bare": [], "both": [], "ours": []}
    for _ in range(ROUNDS):
        took["bare"].append(_seconds(bare))
        took["both"].append(_seconds(both))
        took["ours"].append(_seconds(ours))
    speed = {kind: CHIPS_A_ROUND / statistics.median(times) for kind, times in took.items()}
    ratio = speed["ours"] / speed["bare"]
    of_both = "" if is_first else f", of both {speed['ours'] / speed['both']:.2f}"
    print(f"  {name:34} ours {speed['ours']:6.0f}/s, bare {speed['bare']:6.0f}/s, ratio {ratio:.2f}{of_both}")
    return ratio


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()  # of this process alone: both do nothing but compute
    for _ in range(CHIPS_A_ROUND):
        work()
    return time.process_time() - start


def _bare(chip: Chip, trust: TrustStore, *, is_first: bool) -> Callable[[], None]:
    """Return the signature checks that are due and the hashes of a chip, with everything else made ready."""
    assert chip.sod is not None
    sod = read_sod(chip.sod)
    signer = read_certificate(sod.signed.certificates[0])
    issuer = trust.issuers_of(signer)[0]
    groups = [file_of(content, GROUP_TAGS[number]) for number, content in chip.groups.items()]
    attributes = _in_order(sod.signed)
    keys = signer.key, issuer.key

    def work() -> None:
        verify(keys[0], sod.signed.algorithm, sod.signed.signature, attributes)
        if is_first:
            verify(keys[1], signer.algorithm, signer.signature, signer.signed)
        hashlib.new(sod.signed.digest, sod.signed.content).digest()
        for group in groups:
            hashlib.new(sod.hash_name, group).digest()

    return work


def _in_order(signed: SignedData) -> bytes:
    parts = children(element(encode(SET, signed.attributes)))
    return encode(SET, b"".join(sorted(part.encoded for part in parts)))


if __name__ == "__main__":
    main()
