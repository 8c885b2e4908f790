"""Finds the lines of program code in plain text, which belong together as those of preformatted text do."""

import re
from collections.abc import Sequence

_LEAST = 3  # lines of code in a run; one or two may be what is left of a page's script
_SHARE = 0.6  # of the lines of a run that look like code by themselves; the others are indented
_MAX_CHARS = 200  # of a line of code; what is longer is data

# Each is what prose, lists and tables have next to never. None repeats what may follow itself.
_CODE = re.compile(
    r"""\s*(?:
    </?[A-Za-z][^<>]{0,150}>.{0,150}$                    # markup
    | \{[%{] | [\])}]+[;,)]{0,3}\s*$                     # a template; closing brackets alone
    | .{0,199}[{};]\s*$ | .{0,199}(?:=>|->|&&|\|\||\\)\s*$  # ends of statements
    | import\s[\w.]{1,60}\s*$
    | (?:def|class|function|fn|func|if|elif|for|while|with|switch|catch|public|async)\b[^.!?]{0,150}[({:]
    | (?:var|let|const|return|import|from|using|await|throw|new|echo|sudo|export)\s[^.!?]{0,150}["'(){}=<>_/]
    | (?:[>]{3}|\$|\#!|//|/\*|\*/|--)\s?\S                # prompts and comments
    | [\w.\[\]"'$@-]{1,60}\s?(?:=|:=|\+=|-=|\|=)\s?\S       # an assignment
    | [\w.$]{1,60}\([^()]{0,150}(?:\([^()]{0,150}\))?\)[;,.]?\s*$  # a call
    | "[\w-]{1,60}":\s                                   # JSON
    )""",
    re.VERBOSE,
)


def code_runs(lines: Sequence[str], anew: Sequence[bool]) -> list[tuple[int, int]]:
    """First and end of each run of lines that are code.

    Where there is one of `_LEAST` lines or more, single lines that look like code are runs, too.

    Args:
        lines: of a text, with the white space before them.
        anew: whether a blank line stands before each; one ends a run.
    """
    runs: list[tuple[int, int]] = []
    short: list[tuple[int, int]] = []
    looks = [len(line) <= _MAX_CHARS and _CODE.match(line) is not None for line in lines]
    first = 0
    while first < len(lines):
        if not looks[first]:
            first += 1
            continue
        end = last = first + 1
        while end < len(lines) and not anew[end] and (looks[end] or lines[end].startswith((" ", "\t"))):
            end += 1
            if looks[end - 1]:
                last = end
        count = sum(looks[first:last])
        if count >= _SHARE * (last - first):
            (runs if count >= _LEAST else short).append((first, last))
        first = last
    return sorted(runs + short) if runs else []
