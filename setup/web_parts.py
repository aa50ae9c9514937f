"""
Copy the files that pages use from node_modules/ to static/vendor/, made fit for the strict content policy.

    python setup/web_parts.py      (after setup/web_parts.sh)

    bootstrap/*.min.css   icons that Bootstrap writes as `data:` addresses become files: the policy blocks `data:`
    inter/inter.css       the variable font with its Latin and Vietnamese letters
    htmx.min.js
    zxing/                reads QR codes from a camera where the browser cannot: made a module, its wasm beside it
    icons.svg             one sprite of the icons named in src/diem06/core/ui/icons.txt: <use href="...#i-NAME">
    test/axe.min.js       the accessibility rules that browser tests run
"""

import re
import shutil
import sys
from pathlib import Path
from urllib.parse import unquote

REPOSITORY = Path(__file__).resolve().parent.parent
MODULES = REPOSITORY / "node_modules"
VENDOR = REPOSITORY / "static" / "vendor"
ICON_NAMES = REPOSITORY / "src/diem06/core/ui/icons.txt"

BOOTSTRAP_STYLES = ("bootstrap",)
INTER_SUBSETS = ("latin", "latin-ext", "vietnamese")
DATA_IMAGE = re.compile(r"""url\("data:image/svg\+xml,([^"]*)"\)""")
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/")
FONT_FACE = re.compile(r"@font-face \{.*?\n\}", re.DOTALL)
FONT_FILE = re.compile(r"url\(\./files/(inter-([a-z-]+)-wght-normal\.woff2)\)")


def main() -> None:
    """Write static/vendor/ anew; a file that is no longer named disappears."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    copy_bootstrap(VENDOR / "bootstrap")
    copy_inter(VENDOR / "inter")
    copy_file(MODULES / "htmx.org/dist/htmx.min.js", VENDOR / "htmx.min.js")
    copy_zxing(VENDOR / "zxing")
    copy_file(MODULES / "axe-core/axe.min.js", VENDOR / "test/axe.min.js")
    (VENDOR / "icons.svg").write_text(sprite(icon_names()), encoding="utf-8")


def copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def copy_bootstrap(folder: Path) -> None:
    folder.mkdir(parents=True)
    pictures: dict[str, str] = {}

    def to_file(found: re.Match[str]) -> str:
        svg = unquote(found[1])
        name = pictures.setdefault(svg, f"picture-{len(pictures) + 1}.svg")
        (folder / name).write_text(svg, encoding="utf-8")
        return f'url("{name}")'

    for style in BOOTSTRAP_STYLES:
        css = (MODULES / f"bootstrap/dist/css/{style}.min.css").read_text(encoding="utf-8")
        css = SOURCE_MAP.sub("", DATA_IMAGE.sub(to_file, css))
        if "data:" in css:
            sys.exit(f"bootstrap {style}: a data: address is left; setup/web_parts.py must learn its form.")
        (folder / f"{style}.min.css").write_text(css, encoding="utf-8")


def copy_inter(folder: Path) -> None:
    """Copy the font files of `INTER_SUBSETS` and the @font-face rules that name them."""
    folder.mkdir(parents=True)
    rules = {}
    for rule in FONT_FACE.findall((MODULES / "@fontsource-variable/inter/index.css").read_text(encoding="utf-8")):
        found = FONT_FILE.search(rule)
        if found and found[2] in INTER_SUBSETS:
            shutil.copyfile(MODULES / "@fontsource-variable/inter/files" / found[1], folder / found[1])
            rules[found[2]] = rule.replace("./files/", "").replace("woff2-variations", "woff2")
    if len(rules) != len(INTER_SUBSETS):
        sys.exit(f"inter: found {len(rules)} of the {len(INTER_SUBSETS)} subsets.")
    # Where two name a letter, the later one draws it: ă and ư then need no file of 85 KB beside that of the Vietnamese letters.
    css = "\n".join(rules[subset] for subset in INTER_SUBSETS)
    (folder / "inter.css").write_text(f"{css}\n", encoding="utf-8")


def copy_zxing(folder: Path) -> None:
    """Copy the reader of zxing-wasm: one file in place of three that import one another, and the wasm that it is told to load."""
    package = MODULES / "zxing-wasm/dist"
    script = (package / "iife/reader/index.js").read_text(encoding="utf-8")
    if not script.startswith("var ZXingWASM="):
        sys.exit("zxing-wasm: its script begins otherwise; setup/web_parts.py must learn its form.")
    folder.mkdir(parents=True)
    (folder / "reader.js").write_text(f"{script}\nexport default ZXingWASM;\n", encoding="utf-8")
    copy_file(package / "reader/zxing_reader.wasm", folder / "zxing_reader.wasm")


def icon_names() -> list[str]:
    """Return the names in icons.txt, one a line; `#` begins a remark."""
    lines = ICON_NAMES.read_text(encoding="utf-8").splitlines() if ICON_NAMES.exists() else []
    return sorted({name for line in lines if (name := line.split("#")[0].strip())})


def sprite(names: list[str]) -> str:
    """
    Return one SVG of `<symbol id="i-NAME">`, drawn in the colour of the text around it.

    An unknown name ends the run with the line to correct.
    """
    unknown = [name for name in names if not _icon_file(name).exists()]
    if unknown:
        sys.exit(f"{ICON_NAMES.relative_to(REPOSITORY)}: no Tabler icon of this name: {', '.join(unknown)}")
    symbols = "\n".join(_symbol(name) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def _symbol(name: str) -> str:
    svg = _icon_file(name).read_text(encoding="utf-8")
    drawing = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    drawing = drawing.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none"/>', "")
    drawing = " ".join(drawing.split())
    return (
        f'<symbol id="i-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round">{drawing}</symbol>'
    )


def _icon_file(name: str) -> Path:
    return MODULES / "@tabler/icons/icons/outline" / f"{name}.svg"


if __name__ == "__main__":
    main()
