"""Reads a Dockerfile, and checks the rules that matter here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    """An instruction: its name in capitals, and what follows, on one line."""

    name: str
    value: str


@dataclass(slots=True)
class Stage:
    """What stands from one FROM to the next."""

    image: str
    name: str
    steps: list[Step] = field(default_factory=list)

    def last(self, name: str) -> str | None:
        """The value of the last instruction of that name, which is the one that counts."""
        return next((step.value for step in reversed(self.steps) if step.name == name), None)


class WrongDockerfile(Exception):
    """The Dockerfile breaks a rule or fails."""


def parse(text: str) -> list[Stage]:
    """Reads a Dockerfile: comments go, continued lines are joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    stages: list[Stage] = []
    for instruction in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        name, _, value = instruction.strip().partition(" ")
        if name.upper() == "FROM":
            image, _, alias = value.partition(" AS ")
            stages.append(Stage(image.strip(), alias.strip()))
        elif not stages:
            raise WrongDockerfile(f"{name} before FROM")
        else:
            stages[-1].steps.append(Step(name.upper(), value.strip()))
    if not stages:
        raise WrongDockerfile("there is no FROM")
    return stages


def lint(text: str, ignored: str) -> list[str]:
    """The rules that matter here, with or without hadolint.

    Args:
        text: the Dockerfile.
        ignored: the .dockerignore, which lists what the build may see.
    """
    stages = parse(text)
    final = stages[-1]
    found = []
    if len(stages) < 2:
        found.append("one stage only: what builds would stay in the image")
    for stage in stages:
        tag = stage.image.partition(":")[2]
        if not tag or tag == "latest":
            found.append(f"FROM {stage.image}: name a version")
        if "slim" not in tag:
            found.append(f"FROM {stage.image}: not a slim image")
        for step in stage.steps:
            if step.name == "ADD":
                found.append("ADD: use COPY, which neither fetches nor unpacks")
            if step.name == "RUN" and "pip install" in step.value and "--no-cache-dir" not in step.value:
                found.append("pip install without --no-cache-dir")
            if step.name in ("ENV", "ARG") and re.search(r"TOKEN|SECRET|PASSWORD", step.value):
                found.append(f"{step.name}: a secret would stay in the image")
    settings = [step.value for stage in stages for step in stage.steps if step.name == "ENV"]
    if not any("PIP_CONSTRAINT=" in value for value in settings):
        found.append("no PIP_CONSTRAINT: versions are not locked")
    user = final.last("USER")
    if user is None or not user.split(":")[0].isdigit() or user.split(":")[0] == "0":
        found.append(f"USER {user}: must be a number other than 0")
    for name in ("CMD", "HEALTHCHECK"):
        value = final.last(name)
        if value is None:
            found.append(f"no {name}")
        elif "[" not in value:
            found.append(f"{name}: the form with a shell does not pass signals on")
    allowed = {line[1:].strip("/") for line in ignored.splitlines() if line.startswith("!")}
    found += [f"COPY {path}: .dockerignore leaves it out" for path in _copied(stages) if path not in allowed]
    return found


def _copied(stages: list[Stage]) -> Iterator[str]:
    """What is copied from the build's own folder."""
    for stage in stages:
        for step in stage.steps:
            if step.name == "COPY" and not step.value.startswith("--from="):
                yield from (path.strip("/") for path in step.value.split()[:-1])
