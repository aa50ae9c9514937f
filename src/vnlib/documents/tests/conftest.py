import shutil
import subprocess
from pathlib import Path

import pytest

from vnlib.documents.sample import sample


@pytest.fixture(scope="session")
def sample_bytes():
    return sample().to_bytes()


@pytest.fixture(scope="session")
def office(tmp_path_factory):
    """Convert a file with LibreOffice; one profile for each test worker, or they wait for one another."""
    assert shutil.which("soffice"), "LibreOffice is missing: make test installs libreoffice-writer-nogui"
    profile = tmp_path_factory.mktemp("profile")

    def convert(content, kind):
        folder = tmp_path_factory.mktemp("office")
        source = folder / "in.docx"
        source.write_bytes(content)
        command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", kind]
        subprocess.run([*command, "--outdir", folder / "out", source], check=True, capture_output=True, timeout=120)
        return Path(folder / "out" / f"in.{kind}")

    return convert
