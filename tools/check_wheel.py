"""Builds the package and uses it as someone who just installed it: `python tools/check_wheel.py`.

The sdist is built from the checkout, the wheel from the sdist. The wheel goes into a bare virtual
environment away from the checkout, with the locked versions of its core dependencies and nothing else,
and cleans a page there, through the command line and through Python. Needs the extra `dev`.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "seeds" / "pages" / "news_en.html"

IN_SDIST = (
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "constraints.txt",
    "pyproject.toml",
    "docs/",
    "seeds/pages/",
    "tests/",
    "tools/",
    "training/",
)
SUFFIXES = (".py", ".json", ".npz", ".md", ".css", ".html", ".js", ".svg", ".txt")
"""Of the files that the package is made of."""
NOT_CORE = (
    "sklearn",
    "scipy",
    "joblib",
    "flask",
    "pydantic",
    "pytest",
    "training",
    "tests",
    "tools",
    "benchmarks",
)

USE_IT = f"""
import importlib.util, sys
from pathlib import Path

import noisefilter

where = Path(noisefilter.__file__).resolve()
assert where.is_relative_to(Path(sys.prefix).resolve()), f"noisefilter came from {{where}}"
article = noisefilter.clean(Path("page.html").read_bytes())
dropped = [block for block in article.blocks if not block.kept]
assert article.text and article.title and dropped, article
assert any(article.explain(block) for block in dropped), "no evidence for any dropped block"
assert noisefilter.extract(Path("page.html").read_bytes())
assert noisefilter.clean_text(article.text).text
loaded = set({NOT_CORE!r}) & set(sys.modules)
assert not loaded, f"imported: {{loaded}}"
found = [name for name in {NOT_CORE!r} if importlib.util.find_spec(name)]
assert not found, f"importable from a bare installation: {{found}}"
print(article.text)
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Runs a command without the caller's Python and pip variables; exits with its output if it fails.

    Args:
        command: the program and its arguments.
        cwd: the folder to run it in.

    Returns:
        What it wrote to standard output.
    """
    mixes_in = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT")
    environment = {name: value for name, value in os.environ.items() if name not in mixes_in}
    environment |= {"PYTHONUTF8": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nfailed ({done.returncode}): {command[0]} {command[1]} …")
    return done.stdout


def check(condition: object, message: str) -> None:
    """Exits with the message unless the condition holds."""
    if not condition:
        sys.exit(f"check_wheel: {message}")


def package_files() -> set[str]:
    """The files of the package in the checkout, as paths in a wheel."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "noisefilter").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


def check_contents(sdist: Path, wheel: Path) -> None:
    """The wheel holds the whole package and nothing else; the sdist also what it is made with."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    metadata = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    own = package_files()
    check(names - metadata == own, f"wheel and checkout differ in {sorted((names - metadata) ^ own)}")
    strange = sorted(
        name for name in own if Path(name).suffix not in SUFFIXES and not name.endswith("/py.typed")
    )
    check(not strange, f"left in the package by an editor or a patch: {strange}")
    check("noisefilter/py.typed" in names, "no py.typed in the wheel")
    check(any(name.endswith("/licenses/LICENSE") for name in metadata), "no LICENSE in the wheel")
    for file in ("weights.npz", "model.json"):
        found = [n for n in names if n.startswith("noisefilter/models/") and n.endswith(f"/{file}")]
        check(found, f"no {file} in the wheel")

    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    check(own <= inside, f"not in the sdist: {sorted(own - inside)}")
    for needed in IN_SDIST:
        check(any(name == needed or name.startswith(needed) for name in inside), f"no {needed} in the sdist")


def check_use(wheel: Path, folder: Path) -> None:
    """The wheel, installed alone, cleans a page."""
    shutil.copyfile(PAGE, folder / "page.html")
    # Without a pip of its own: the one that runs this script installs into it.
    venv.create(folder / "bare", with_pip=False)
    scripts = folder / "bare" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "-qq", "--no-input"]
    # Without byte code: it takes longer to write than it would save here.
    run(*pip, "install", "--no-compile", "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    run(*pip, "check", cwd=folder)

    from_python = run(python, "-I", "-c", USE_IT, cwd=folder)
    from_shell = run(scripts / "noisefilter", "clean", "page.html", cwd=folder)
    first = from_python.split("\n", 1)[0]
    check(first in from_shell, f"`noisefilter clean` did not print {first!r} but:\n{from_shell}")


def main() -> None:
    """Builds, checks what is inside, installs, uses; leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="noisefilter-wheel-") as name:
        folder = Path(name)
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
        (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
        check_contents(sdist, wheel)
        check_use(wheel, folder)
        print(f"{wheel.name}: {wheel.stat().st_size:,} bytes, complete, works in a bare environment")


if __name__ == "__main__":
    main()
