"""Checks the Dockerfile where no Docker engine runs: `python -m tools.check_dockerfile`.

It is linted, by hadolint too where that is installed (the extra `dev` has it). Then its own steps are taken
in a temporary folder: COPY copies there, RUN runs with that folder in place of the image's paths and a bare
virtual environment in place of the image's Python. Last, CMD starts the service in the environment that ENV
makes, as another user if this one is root; HEALTHCHECK must agree that it is well, and nothing may have been
written into the image. Needs POSIX; the Python is this one, not the image's.
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.dockerfile import Stage, WrongDockerfile, lint, parse

ROOT = Path(__file__).resolve().parent.parent
STARTS_WITHIN_S = 60
STEP_TAKES_AT_MOST_S = 900
# Would lead to packages or settings of this machine.
NOT_INHERITED = re.compile(r"PYTHON|VIRTUAL_ENV|NOISEFILTER_|PROMETHEUS_|PIP_(BUILD_)?CONSTRAINT")


def hadolint() -> None:
    """Runs hadolint, where it is installed.

    Raises:
        WrongDockerfile: it warns.
    """
    beside = Path(sys.executable).parent / "hadolint"
    program = str(beside) if beside.exists() else shutil.which("hadolint")
    if program is None:
        print("hadolint is not installed: only the own rules were checked")
        return
    command = [program, "--failure-threshold", "warning", str(ROOT / "Dockerfile")]
    if subprocess.run(command, check=False).returncode:
        raise WrongDockerfile("hadolint is not content")


class Image:
    """The image's file system, as far as the Dockerfile speaks of it, in a folder.

    Attributes:
        root: the folder.
        environment: what ENV of the current stage made of it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment: dict[str, str] = {}
        self._here = "/"
        self._paths: list[str] = []
        venv.create(root / "python", with_pip=True, symlinks=True)

    def build(self, stage: Stage) -> None:
        """Takes the steps of a stage."""
        inherited = {n: v for n, v in os.environ.items() if not NOT_INHERITED.match(n)}
        self.environment = {**inherited, "PATH": f"{self.root / 'python' / 'bin'}:{os.defpath}"}
        for step in stage.steps:
            print(f"{step.name} {step.value[:100]}", flush=True)
            if step.name == "WORKDIR":
                self._here = step.value
                self._know(step.value)
            elif step.name == "ENV":
                for name, value in re.findall(r"(\w+)=(\S+)", step.value):
                    expanded = value.replace("$PATH", self.environment["PATH"])
                    self.environment[name] = self.placed(expanded)
            elif step.name == "COPY":
                self._copy(step.value)
            elif step.name == "RUN":
                for path in re.findall(r"(?<![\w.])/(?:opt|src|srv|app)(?:/[\w.-]+)?", step.value):
                    self._know(path)
                self._run(step.value)

    def placed(self, text: str) -> str:
        """The text with paths of the image led into the folder."""
        for path in sorted(self._paths, key=len, reverse=True):
            text = re.sub(rf"(?<![\w./-]){re.escape(path)}(?![\w.-])", str(self.root) + path, text)
        # ENV may name a path that only a later step makes.
        return re.sub(r"(?<![\w./-])/(src|opt)/", f"{self.root}/\\1/", text)

    def _know(self, path: str) -> None:
        top = "/" + "/".join(path.strip("/").split("/")[:2])
        if top not in self._paths and top != "/tmp":
            self._paths.append(top)
        (self.root / path.strip("/")).mkdir(parents=True, exist_ok=True)

    def _copy(self, value: str) -> None:
        if value.startswith("--from="):
            return  # the stages share the folder
        *sources, target = value.split()
        into = self.root / self._here.strip("/") / target
        for source in sources:
            given = ROOT / source
            if given.is_dir():
                shutil.copytree(given, into, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
            else:
                shutil.copy(given, into)

    def _run(self, command: str) -> None:
        done = subprocess.run(
            ["/bin/sh", "-c", self.placed(command)],
            cwd=self.root / self._here.strip("/"),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=STEP_TAKES_AT_MOST_S,
        )
        if done.returncode:
            raise WrongDockerfile(f"RUN {command} failed:\n{done.stdout}\n{done.stderr}")

    def files(self) -> set[str]:
        """Everything below /opt, which is what the image keeps."""
        return {str(path) for path in (self.root / "opt").rglob("*")}


def serve(image: Image, final: Stage) -> None:
    """Runs CMD and asks it, as HEALTHCHECK and as a caller do."""
    # Lists of strings are JSON in a Dockerfile too.
    command = json.loads(final.last("CMD") or "")
    check = json.loads((final.last("HEALTHCHECK") or "").partition("CMD")[2])
    user, _, group = (final.last("USER") or "").partition(":")
    temporary = image.root / "tmp"
    temporary.mkdir(exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **image.environment,
        "HOME": "/nonexistent",
        "NOISEFILTER_HOST": "127.0.0.1",
        "NOISEFILTER_PORT": str(port),
        "TMPDIR": str(temporary),
    }
    options: dict[str, Any] = {"cwd": temporary, "env": environment}
    if os.geteuid() == 0:
        other = {"user": int(user), "group": int(group or user), "extra_groups": []}
        if _may_run_python(image, other):
            os.chown(temporary, int(user), int(group or user))
            options |= other
        else:
            print(f"This Python is closed to user {user}: the service runs as root here")
    before = image.files()
    with _running(command, options) as process:
        _wait(process, port)
        page = (ROOT / "seeds" / "pages" / "news_en.html").read_bytes()
        article = json.loads(_asked(port, "POST", "/v1/clean", page))
        if not article["text"] or not article["title"]:
            raise WrongDockerfile("the service found no article in an example page")
        if b"<title>noisefilter</title>" not in _asked(port, "GET", "/"):
            raise WrongDockerfile("the page is not in the package")
        if subprocess.run(check, check=False, **options).returncode:
            raise WrongDockerfile("HEALTHCHECK fails although the service is well")
        process.send_signal(signal.SIGTERM)
        if (code := process.wait(timeout=60)) != 0:
            raise WrongDockerfile(f"after SIGTERM the service ended with {code}")
    if subprocess.run(check, check=False, stderr=subprocess.DEVNULL, **options).returncode == 0:
        raise WrongDockerfile("HEALTHCHECK is content although nothing runs")
    if written := image.files() - before:
        raise WrongDockerfile(f"a read-only root would have failed: {sorted(written)[:5]}")


def _may_run_python(image: Image, other: dict[str, Any]) -> bool:
    """Whether the other user can: this Python may be in a home that is closed to others."""
    try:
        python = shutil.which("python", path=image.environment["PATH"]) or ""
        command = [python, "-c", "import json"]
        # Elsewhere than here, which may be closed as well.
        return subprocess.run(command, cwd="/", capture_output=True, check=False, **other).returncode == 0
    except PermissionError:
        return False


@contextmanager
def _running(command: list[str], options: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    # Found by the image's PATH, as Docker does.
    program = shutil.which(command[0], path=options["env"]["PATH"])
    if program is None:
        raise WrongDockerfile(f"CMD: there is no {command[0]}")
    process = subprocess.Popen([program, *command[1:]], **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while process.poll() is None and time.monotonic() < end:
        try:
            _asked(port, "GET", "/healthz")
            return
        except OSError:
            time.sleep(0.2)
    raise WrongDockerfile(f"the service did not come up (exit code {process.poll()})")


def _asked(port: int, method: str, path: str, body: bytes | None = None) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": "text/html"} if body else {})
        answer = connection.getresponse()
        said = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise WrongDockerfile(f"{method} {path} answered {answer.status}: {said[:300]!r}")
    return said


def main() -> None:
    """Checks the Dockerfile of this checkout."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    try:
        if wrong := lint(text, (ROOT / ".dockerignore").read_text(encoding="utf-8")):
            raise WrongDockerfile("\n".join(wrong))
        hadolint()
        stages = parse(text)
        with tempfile.TemporaryDirectory(prefix="noisefilter-image-") as folder:
            root = Path(folder).resolve()
            root.chmod(0o755)  # another user runs what is in it
            image = Image(root)
            for stage in stages:
                image.build(stage)
            serve(image, stages[-1])
    except WrongDockerfile as error:
        sys.exit(f"Dockerfile: {error}")
    print("The Dockerfile is in order: its steps were run, and the service answered.")


if __name__ == "__main__":
    main()
