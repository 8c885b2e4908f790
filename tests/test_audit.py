"""The command that looks for vulnerabilities and licences, without its network."""

import sys
from email.message import Message

import pytest
from click.testing import CliRunner

from tools import audit
from tools.audit import Package, licence_of, of_licences, verdict

FINE = {"name": "lxml", "version": "6", "vulns": []}
BAD = {"name": "flask", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
SKIPPED = {"name": "numpy", "skip_reason": "not found on PyPI"}


@pytest.mark.parametrize(
    ("dependencies", "clean", "said"),
    [
        ([FINE], True, "1 versions looked up"),
        ([FINE, BAD], False, "flask 1: PYSEC-1, fixed in 2"),
        ([FINE, SKIPPED], False, "not looked up: 1 of 2 (numpy"),
        ([SKIPPED], False, "is the service in reach?"),
        ([], False, "0 versions looked up"),
    ],
)
def test_verdict(dependencies: list[dict[str, object]], clean: bool, said: str) -> None:
    lines, found = verdict({"dependencies": dependencies})
    assert found is clean
    assert said in "\n".join(lines)


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("BSD-3-Clause", True),
        ("Apache Software License", True),
        ("GPL-3.0", False),
        ("not named", False),
    ],
)
def test_licences(licence: str, allowed: bool) -> None:
    lines, fine = of_licences([Package("some", "1", licence)])
    assert fine is allowed
    assert ("NOT ALLOWED" in lines[0]) is not allowed


def test_an_exception_is_shown_with_its_reason() -> None:
    lines, fine = of_licences([Package("chardet", "5", "LGPL")])
    assert fine and "for benchmarks only" in lines[0]


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ([("License-Expression", "MIT OR Apache-2.0"), ("License", "x")], "MIT OR Apache-2.0"),
        ([("Classifier", "License :: OSI Approved :: MIT License")], "MIT License"),
        ([("Classifier", "License :: OSI Approved"), ("License", "BSD\nmore")], "BSD"),
        ([], "not named"),
    ],
)
def test_where_a_licence_is_named(fields: list[tuple[str, str]], licence: str) -> None:
    message = Message()
    for name, value in fields:
        message[name] = value
    assert licence_of(message) == licence


def test_what_is_installed_here_is_allowed() -> None:
    lines, fine = of_licences(audit.installed())
    assert fine, [line for line in lines if "NOT ALLOWED" in line]


def test_without_pip_audit_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    result = CliRunner().invoke(audit.main)
    assert result.exit_code == 1
    assert "pip-audit failed" in result.output
