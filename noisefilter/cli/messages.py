"""What the command line says on stderr."""

import sys

import click

STDIN = "-"


def shown_name(name: str) -> str:
    """An input's name for people: no line breaks, no control characters."""
    return "standard input" if name == STDIN else printable(name)


def printable(text: str) -> str:
    """The text on one line, without characters that could steer a terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in " ".join(text.split()))


def tell(message: str, name: str | None = None) -> None:
    """Writes one line to stderr.

    Args:
        message: what there is to say.
        name: of the input that it is about.
    """
    about = "" if name is None else f"{shown_name(name)}: "
    # Not click's own way to stderr, which would write into a progress bar.
    click.echo(f"noisefilter: {about}{printable(message)}", file=sys.stderr, err=True)
