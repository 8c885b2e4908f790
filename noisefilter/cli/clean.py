"""``noisefilter clean``: pages and texts in, articles out."""

import contextlib
import math
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from noisefilter.cli.messages import STDIN, tell
from noisefilter.cli.outputs import SUFFIXES, DirectorySink, Sink, StdoutSink
from noisefilter.errors import CleaningTimeout, LimitExceeded, MemoryExceeded, ModelError, NoiseFilterError
from noisefilter.labels import Flag, Label
from noisefilter.limits import MAX_TIMEOUT_S, Limits

if TYPE_CHECKING:
    from noisefilter.article import Article
    from noisefilter.cli.outputs import Cleaned

OK, NO_ARTICLE, UNREADABLE = 0, 1, 2
PROGRESS_FROM_FILES = 21
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Options:
    """How inputs are cleaned, as given on the command line."""

    input_type: str
    policy: str
    keep: tuple[str, ...]
    drop: tuple[str, ...]
    title: str | None
    url: str | None
    limits: Limits
    with_source: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    """What cleaning may take: child processes, and for each input seconds and megabytes; None: any."""

    jobs: int = 1
    timeout_s: float | None = None
    max_memory_mb: float | None = None


def _rules(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Checks the values of --keep and --drop, before anything is read."""
    if values and not ctx.resilient_parsing:
        from noisefilter.policy import rules_of

        try:
            rules_of(values, str(param.name))
        except ValueError as error:
            raise click.BadParameter(str(error).removeprefix(f"{param.name}: ")) from None
    return values


LIMITS = {field.name: int(getattr(Limits(), field.name)) for field in fields(Limits)}


def _limits(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> Limits:
    given: dict[str, int] = {}
    for value in values:
        name, _, number = value.partition("=")
        if name not in LIMITS or not number.isdecimal() or int(number) < 1:
            raise click.BadParameter(f"{value!r} is not NAME=NUMBER with a name among {', '.join(LIMITS)}")
        given[name] = int(number)
    return Limits(**given)


def _timeout(_ctx: click.Context, _param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value <= MAX_TIMEOUT_S:  # false of NaN too
        raise click.BadParameter(f"{value:g} is not a number of seconds over 0, at most {MAX_TIMEOUT_S:,}")
    return value


def _memory(_ctx: click.Context, _param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value < math.inf:  # false of NaN too
        raise click.BadParameter(f"{value:g} is not a number of megabytes over 0")
    return value


@click.command(epilog=f"Labels: {', '.join(Label)}.")
@click.argument("files", metavar="[FILE|-]...", nargs=-1, type=click.Path())
@click.option(
    "--input",
    "input_type",
    type=click.Choice(["auto", "html", "text"]),
    default="auto",
    show_default=True,
    help="What the input is; auto goes by the file's suffix, else by its content.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(list(SUFFIXES)),
    default="text",
    show_default=True,
    help="Form of the output; json and jsonl hold every block with its label, score and reason.",
)
@click.option(
    "--with-source",
    is_flag=True,
    help="Put the input beside the blocks (json, jsonl): with its labels corrected, such a line is a line of "
    "training data.",
)
@click.option(
    "--output-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a file for each input into this directory instead of to stdout.",
)
@click.option(
    "--policy",
    type=click.Choice(["precision", "balanced", "recall"]),
    default="balanced",
    show_default=True,
    help="How sure the model must be before something goes: precision drops more, recall less.",
)
@click.option(
    "--keep",
    metavar="VALUE",
    multiple=True,
    callback=_rules,
    help="Keep blocks with this label, or whose text matches re:PATTERN. May be repeated; wins over --drop.",
)
@click.option(
    "--drop",
    metavar="VALUE",
    multiple=True,
    callback=_rules,
    help="Drop blocks with this label, or whose text matches re:PATTERN. May be repeated.",
)
@click.option("--title", help="Title of a plain text; pages bring their own.")
@click.option("--url", help="Address that the input comes from.")
@click.option("--explain", is_flag=True, help="Also show, on stderr, what was dropped and why.")
@click.option(
    "--limit",
    "limits",
    metavar="NAME=NUMBER",
    multiple=True,
    callback=_limits,
    help=f"Another bound on the input. Defaults: {', '.join(f'{k}={v}' for k, v in LIMITS.items())}.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Clean as many inputs at once, in child processes.",
)
@click.option(
    "--timeout",
    "timeout_s",
    metavar="SECONDS",
    type=float,
    callback=_timeout,
    help="Give up on an input that takes longer; counted from when its cleaning starts.",
)
@click.option(
    "--max-memory",
    "max_memory_mb",
    metavar="MB",
    type=float,
    callback=_memory,
    help="Give up on an input whose cleaning takes a child process over this resident size.",
)
@click.pass_context
def clean(
    ctx: click.Context,
    files: tuple[str, ...],
    output_format: str,
    with_source: bool,
    output_dir: Path | None,
    explain: bool,
    input_type: str,
    policy: str,
    keep: tuple[str, ...],
    drop: tuple[str, ...],
    title: str | None,
    url: str | None,
    limits: Limits,
    jobs: int,
    timeout_s: float | None,
    max_memory_mb: float | None,
) -> None:
    """Clean pages (HTML) and texts that were extracted from pages.

    Reads stdin if FILE is - or left out. The article goes to stdout, messages go to stderr.

    Exit code: 0; 1 if there was no article in an input; 2 if an input could not be read, or not be cleaned
    (not within --timeout or --max-memory, or its child process died), or an output not be written; 130 after
    Ctrl-C; 141 if the reader of stdout is gone.
    """
    if not files:
        if sys.stdin is None or sys.stdin.isatty():
            raise click.UsageError("Give files to clean, or pipe a page into stdin.")
        files = (STDIN,)
    if len(files) > 1 and (title is not None or url is not None):
        raise click.UsageError("--title and --url belong to one input; several are given.")
    if title is not None and input_type == "html":
        raise click.UsageError("--title is for plain text; a page brings its own.")
    if with_source and output_format not in ("json", "jsonl"):
        raise click.UsageError("--with-source needs --format json or jsonl.")
    sink: Sink
    if output_dir is None:
        sink = StdoutSink(output_format, several=len(files) > 1)
    else:
        try:
            sink = DirectorySink(output_dir, output_format, files)
        except OSError as error:
            raise click.UsageError(f"--output-dir {output_dir}: {error.strerror or error}") from None
    options = Options(input_type, policy, keep, drop, title, url, limits, with_source)
    # Nobody sees a bar while articles scroll by.
    seen = sys.stderr.isatty() and (output_dir is not None or not sys.stdout.isatty())
    worst = OK
    try:
        with (
            contextlib.closing(
                _inputs(files, options, Bounds(min(jobs, max(len(files), 1)), timeout_s, max_memory_mb))
            ) as inputs,
            _progress(inputs, len(files), seen and len(files) >= PROGRESS_FROM_FILES) as shown,
        ):
            for name, clean_one in shown:
                worst = max(worst, _run_one(name, clean_one, sink, explain))
    except ModelError as error:  # the same for every input
        tell(str(error))
        raise SystemExit(UNREADABLE) from None
    sink.close()
    ctx.exit(worst)


def _inputs(
    files: tuple[str, ...], options: Options, bounds: Bounds
) -> Generator[tuple[str, Callable[[], "Cleaned"]], None, None]:
    """The names of the inputs, each with what cleans it, or tells what became of it in a child process."""
    if bounds == Bounds():
        clean_one = _cleaner(options)
        yield from ((name, partial(clean_one, name)) for name in files)
    else:
        from noisefilter.cli.jobs import cleaned_in_children

        yield from cleaned_in_children(files, options, bounds)


def _cleaner(options: Options) -> Callable[[str], "Cleaned"]:
    """A function that cleans the input of a name."""
    import noisefilter
    from noisefilter.cli.inputs import read, source_of, text_or_page
    from noisefilter.cli.outputs import Cleaned

    standard = options.limits == Limits()
    chosen = noisefilter if standard else noisefilter.Cleaner(limits=options.limits)

    def clean_one(name: str) -> Cleaned:
        data = read(name, options.limits)
        content = text_or_page(name, data, options.input_type, options.limits)
        article = clean_content(name, content)
        if not options.with_source:
            return Cleaned(article)
        return Cleaned(article, source_of(content, options.title, options.limits))

    def clean_content(name: str, content: str | bytes) -> "Article":
        if isinstance(content, str):
            return chosen.clean_text(
                content,
                title=options.title,
                url=options.url,
                policy=options.policy,
                keep=options.keep,
                drop=options.drop,
            )
        if options.title is not None:
            tell("--title is for plain text; this page brings its own", name)
        return chosen.clean(
            content, url=options.url, policy=options.policy, keep=options.keep, drop=options.drop
        )

    return clean_one


def _run_one(name: str, clean_one: Callable[[], "Cleaned"], sink: Sink, explain: bool) -> int:
    """Cleans one input and writes the article.

    Returns:
        The exit code, were it the only one.
    """
    try:
        cleaned = clean_one()
        _write(sink, name, cleaned)
    except (BrokenPipeError, ModelError):
        raise
    except CleaningTimeout as error:
        tell(f"{error} (here: --timeout SECONDS)", name)
        return UNREADABLE
    except MemoryExceeded as error:
        tell(f"{error} (here: --max-memory MB)", name)
        return UNREADABLE
    except LimitExceeded as error:
        hint = "" if "--limit" in str(error) else f" (here: --limit {error.limit}=NUMBER)"
        tell(f"{error}{hint}", name)
        return UNREADABLE
    except (NoiseFilterError, OSError) as error:
        tell(getattr(error, "strerror", None) or str(error), name)
        return UNREADABLE
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    article = cleaned.article
    if not article.text:
        flags = ", ".join(sorted(article.flags - {Flag.EMPTY}))
        tell("no article found" + (f" ({flags})" if flags else ""), name)
    if explain:
        from noisefilter.cli.explain import print_dropped

        print_dropped(name, article)
    return OK if article.text else NO_ARTICLE


def _write(sink: Sink, name: str, cleaned: "Cleaned") -> None:
    try:
        sink.write(name, cleaned)
    except BrokenPipeError:
        raise
    except OSError as error:
        if not isinstance(sink, StdoutSink):
            raise
        # A full disk is no fault of the input, and the next one would not fit either.
        tell(f"the output cannot be written: {error.strerror or error}")
        # The interpreter flushes stdout once more on its way out.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(UNREADABLE) from None


@contextlib.contextmanager
def _progress(inputs: Iterable[T], count: int, show: bool) -> Iterator[Iterable[T]]:
    """The inputs, with a bar on stderr that advances as they are taken."""
    if not show:
        yield inputs
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        yield progress.track(inputs, total=count, description="cleaning")
