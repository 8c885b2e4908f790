"""``noisefilter serve``: the HTTP service."""

import os
import sys

import click

from noisefilter.cli.messages import tell

WRONG = 2


@click.command()
@click.option("--host", help="Address to listen at.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen at.  [default: 8000]")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Processes that speak HTTP; each has its own children that clean.  [default: 1]",
)
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Run the HTTP service until it is stopped.

    Options win over the environment variables NOISEFILTER_HOST, NOISEFILTER_PORT and NOISEFILTER_WORKERS;
    there are more of those: see docs/service.md. Needs the extra "service".
    """
    if sys.platform == "win32":
        tell("gunicorn does not run on Windows: give noisefilter.service:create_app to another WSGI server")
        raise SystemExit(WRONG)
    try:
        import flask  # noqa: F401
        import gunicorn  # noqa: F401
        import prometheus_client  # noqa: F401

        from noisefilter.service.settings import Settings, SettingsError
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        tell(f"{package} is not installed: pip install 'noisefilter[service]'")
        raise SystemExit(WRONG) from None
    for name, value in (("HOST", host), ("PORT", port), ("WORKERS", workers)):
        if value is not None:
            os.environ[f"NOISEFILTER_{name}"] = str(value)
    try:
        Settings.from_environment()
    except SettingsError as error:
        tell(str(error))
        raise SystemExit(WRONG) from None
    # In place of this process, so that signals reach it. -P: what lies in the current folder is not imported.
    config = "python:noisefilter.service.gunicorn_conf"
    os.execv(sys.executable, [sys.executable, "-P", "-m", "gunicorn", "--config", config])
