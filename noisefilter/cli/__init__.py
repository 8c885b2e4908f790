"""The command line ``noisefilter``.

Data goes to stdout as UTF-8, messages to stderr. Exit code 0; 1 when an input held no article; 2 for misuse
and for input that cannot be read. What is slow to import is imported inside the commands, so that
``--help`` and ``--version`` answer at once.
"""

import contextlib
import os
import sys
from typing import Any

import click

from noisefilter.cli.clean import clean
from noisefilter.cli.model import model
from noisefilter.cli.serve import serve

__all__ = ["main"]

# What a shell reports of a program that the signal ended.
INTERRUPTED = 130
BROKEN_PIPE = 141


class _Group(click.Group):
    """A group that ends without a word when the reader of its output is gone, or on Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            # The interpreter flushes stdout once more on its way out.
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(BROKEN_PIPE)


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"noisefilter {version('noisefilter')}")
        except PackageNotFoundError:  # run from a source tree
            click.echo("noisefilter, not installed")
        ctx.exit()


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Turn web pages and extracted text into clean articles."""


main.add_command(clean)
main.add_command(model)
main.add_command(serve)
