"""The lint of the Dockerfile; `make test` also takes its steps (tools/check_dockerfile.py)."""

from pathlib import Path

import pytest

from tools.dockerfile import Step, WrongDockerfile, lint, parse

ROOT = Path(__file__).parents[1]
OURS = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8")


def test_ours_is_in_order() -> None:
    assert lint(OURS, IGNORED) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("USER 10001:10001", "USER root", "USER"),
        ("USER 10001:10001", "USER 0", "USER"),
        ("USER 10001:10001\n", "", "USER"),
        ("python:3.13-slim\nLABEL", "python\nLABEL", "version"),
        ("python:3.13-slim\nLABEL", "python:3.13\nLABEL", "slim"),
        ("HEALTHCHECK", "LABEL", "HEALTHCHECK"),
        ('["noisefilter", "serve"]', "noisefilter serve", "CMD"),
        (" --no-cache-dir", "", "no-cache-dir"),
        ("PIP_CONSTRAINT=", "OTHER=", "locked"),
        ("COPY noisefilter", "ADD noisefilter", "ADD"),
        ("pyproject.toml README.md", "pyproject.toml README.md seeds", "seeds"),
        ("NOISEFILTER_PORT=8000", "NOISEFILTER_TOKEN=abc", "secret"),
    ],
)
def test_what_is_wrong_is_found(old: str, new: str, says: str) -> None:
    assert old in OURS
    assert any(says in line for line in lint(OURS.replace(old, new), IGNORED))


def test_parsing_joins_lines_and_leaves_comments_out() -> None:
    [stage] = parse("# a\nFROM python:3.13-slim AS one\nRUN a \\\n  # b\n    && c\n\nUSER 1\n")
    assert (stage.image, stage.name) == ("python:3.13-slim", "one")
    assert stage.steps == [Step("RUN", "a && c"), Step("USER", "1")]
    assert stage.last("USER") == "1"


@pytest.mark.parametrize("text", ["", "RUN true"])
def test_what_is_no_dockerfile(text: str) -> None:
    with pytest.raises(WrongDockerfile):
        parse(text)
