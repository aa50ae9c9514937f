"""
Fuzz the readers of what strangers hand to a desk: QR, MRZ, files of the chip, SOD, certificates and revocation lists, master lists.

    python soak/fuzz_identity.py [--seconds N] [TARGET...]      60 seconds for each target, or those named

Each target runs in a process of its own under libFuzzer (atheris), led by coverage from the samples of the tests. It fails on any
exception that the reader does not document, on an input that takes over five seconds, and above one gigabyte.
"""

from __future__ import annotations

import argparse
import csv
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"
sys.path.insert(0, str(SOURCE))
SAMPLES = SOURCE / "vnlib" / "identity" / "tests" / "data"

TODAY = date(2026, 6, 1)
SECONDS = 60
LONGEST_INPUT = 8192
LIMITS = ("-timeout=5", "-rss_limit_mb=1024", f"-max_len={LONGEST_INPUT}", "-print_final_stats=1", "-verbosity=1")


def qr() -> Callable[[bytes], object]:
    from vnlib.identity.qr import read_card_qr

    return lambda content: read_card_qr(content.decode("utf-8", "surrogateescape"), today=TODAY)


def mrz() -> Callable[[bytes], object]:
    from vnlib.identity.mrz import read_mrz

    return lambda content: read_mrz(content.decode("utf-8", "surrogateescape"), today=TODAY)


def lds() -> Callable[[bytes], object]:
    from vnlib.identity.chip.errors import DataGroupError
    from vnlib.identity.chip.lds import read_com, read_dg1, read_dg2, read_dg13

    def read(content: bytes) -> None:
        for reader in (read_com, read_dg1, read_dg2, read_dg13):
            with suppress(DataGroupError):
                reader(content)

    return read


def sod() -> Callable[[bytes], object]:
    """The SOD's reader, and a whole authentication with it: that one raises nothing, and trusts no list but those of the samples."""
    from vnlib.identity.chip import Chip, TrustStore, authenticate, read_folder
    from vnlib.identity.chip.errors import SignedDataError
    from vnlib.identity.chip.sod import read_sod

    folder = SAMPLES / "emrtd" / "01_ecdsa_p256"
    sample, trust = read_folder(folder), TrustStore.load([folder / "csca.der"])
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    signed = {read_sod(content).signed.content for content in seeds("sod")}

    def read(content: bytes) -> None:
        with suppress(SignedDataError):
            read_sod(content)
        found = authenticate(Chip(content, sample.groups, sample.com), trust, at=moment)
        # Unsigned attributes may be added; the signed list stays.
        if found.decision != "refuse":
            assert read_sod(content).signed.content in signed

    return read


def certificate() -> Callable[[bytes], object]:
    from vnlib.identity.chip import TrustStore
    from vnlib.identity.chip.certificates import read_certificate, read_revocation_list
    from vnlib.identity.chip.errors import CertificateError, RevocationListError
    from vnlib.identity.chip.masterlist import look_at

    def read(content: bytes) -> None:
        with suppress(CertificateError):
            read_certificate(content)
        with suppress(RevocationListError):
            read_revocation_list(content)
        look_at(content)
        TrustStore().add(content)

    return read


def masterlist() -> Callable[[bytes], object]:
    from vnlib.identity.chip.errors import SignedDataError
    from vnlib.identity.chip.masterlist import read_master_list

    def read(content: bytes) -> None:
        with suppress(SignedDataError):
            read_master_list(content)

    return read


TARGETS = {target.__name__: target for target in (qr, mrz, lds, sod, certificate, masterlist)}


def seeds(target: str) -> list[bytes]:
    """Return the samples of the tests that a target begins with."""
    if target in {"qr", "mrz"}:
        column = {"qr": "raw", "mrz": "mrz"}[target]
        return [
            row[column].replace("\\n", "\n").encode()
            for table in sorted(SAMPLES.glob(f"{target}*.csv"))
            for row in csv.DictReader(table.open(encoding="utf-8"))
        ]
    names = {
        "lds": ("DG*.bin", "EF_COM.bin"),
        "sod": ("EF_SOD.bin",),
        "certificate": ("*.der",),
        "masterlist": ("EF_SOD.bin",),
    }[target]
    made = [_small_master_list()] if target == "masterlist" else []
    return [*made, *(file.read_bytes() for name in names for file in sorted(SAMPLES.rglob(name)))]


def _small_master_list() -> bytes:
    """Return a right master list of two certificates: the real one is too large to be led through."""
    from vnlib.identity.chip.tests.chips import MASTER_LIST_SIGNER, Authority, master_list

    csca = Authority()
    vietnamese = (SAMPLES / "csca_vn_epassport_2022.der").read_bytes()
    return master_list(csca.signer(more=(MASTER_LIST_SIGNER,)), csca.der, vietnamese)


def main() -> int:
    """Fuzz target after target; print executions, coverage and the largest memory. Returns 1 if one failed."""
    parser = argparse.ArgumentParser(description="Fuzz the identity readers.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for each target")
    parser.add_argument("--inside", choices=TARGETS, help=argparse.SUPPRESS)
    options, rest = parser.parse_known_args()
    if options.inside:
        fuzz(options.inside, [sys.argv[0], *rest, *options.targets])
    unknown = set(options.targets) - set(TARGETS)
    if unknown:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    failed = [name for name in options.targets or TARGETS if not held(name, options.seconds)]
    print(f"failed: {', '.join(failed)}" if failed else "every reader held")
    return 1 if failed else 0


def held(name: str, seconds: int) -> bool:
    """Run one target in a process of its own; print its figures, or its last words if it failed."""
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, seed in enumerate(seeds(name)):
            (corpus / f"seed-{number}").write_bytes(seed[:LONGEST_INPUT])
        command = [sys.executable, __file__, "--inside", name, *LIMITS, f"-max_total_time={seconds}"]
        command += [f"-artifact_prefix={folder}/", str(corpus)]
        ended = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
        words = ended.stdout + ended.stderr
        runs = re.search(r"number_of_executed_units:\s*(\d+)", words)
        memory = re.search(r"peak_rss_mb:\s*(\d+)", words)
        coverage = re.findall(r"cov: (\d+)", words)
        if ended.returncode or not runs:
            print(f"{name}: FAILED, status {ended.returncode}\n{words[-4000:]}")
            for artifact in sorted(Path(folder).glob("*-*")):
                print(f"  input, hexadecimal: {artifact.read_bytes()[:2000].hex()}")
            return False
        largest = memory[1] if memory else "?"
        print(
            f"{name}: {int(runs[1]):,} inputs in {seconds} s, {coverage[-1] if coverage else 0} edges, {largest} MB at most"
        )
        return True


def fuzz(name: str, arguments: list[str]) -> None:
    """Hand over to libFuzzer, which ends the process."""
    import atheris

    with atheris.instrument_imports(include=["vnlib.identity"]):
        read = TARGETS[name]()
    atheris.Setup(arguments, read)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
