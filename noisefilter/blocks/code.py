"""Finds the lines of program code in plain text, which belong together as those of preformatted text do."""

import re
from collections.abc import Sequence

_LEAST = 3  # lines of code in a run; one or two may be what is left of a page's script
_SHARE = 0.6  # of the lines of a run that look like code by themselves; the others are indented
_MAX_CHARS = 200  # of a line of code; what is longer is data

# Each is what prose, lists and tables have next to never. None repeats what may follow itself.
_ENDS = ("{", "}", ";", "=>", "->", "&&", "||", "\\")
_CODE = re.compile(
    r"""(?:
    </?[A-Za-z][^<>]{0,150}>.{0,150}$                    # markup
    | \{[%{] | [\])}]+[;,)]{0,3}$                        # a template; closing brackets alone
    | import\s[\w.]{1,60}$
    | (?:def|class|function|fn|func|if|elif|for|while|with|switch|catch|public|async)\b[^.!?]{0,150}[({:]
    | (?:var|let|const|return|import|from|using|await|throw|new|echo|sudo|export)\s[^.!?]{0,150}["'(){}=<>_/]
    | (?:[>]{3}|\$|\#!|//|/\*|\*/|--)\s?\S                # prompts and comments
    | [\w.\[\]"'$@-]{1,60}\s?(?:=|:=|\+=|-=|\|=)\s?\S       # an assignment
    | [\w.$]{1,60}\([^()]{0,150}(?:\([^()]{0,150}\))?\)[;,.]?$     # a call
    | "[\w-]{1,60}":\s                                   # JSON
    )""",
    re.VERBOSE,
)


def _looks_like_code(line: str) -> bool:
    return len(line) <= _MAX_CHARS and (line.endswith(_ENDS) or _CODE.match(line) is not None)


def code_runs(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """First and end of each run of lines that are code.

    Where there is one of `_LEAST` lines or more, single lines that look like code are runs, too.

    Args:
        text: any.
        spans: of its lines, without the white space around them.
    """
    looks = [_looks_like_code(text[start:end]) for start, end in spans]
    if sum(looks) < _LEAST:
        return []
    gaps = [
        text[end:start]
        for end, start in zip([0, *(end for _, end in spans)], (s for s, _ in spans), strict=False)
    ]
    follows = [gap.count("\n") < 2 for gap in gaps]  # no blank line stands before it
    indented = [gap.rpartition("\n")[2].startswith((" ", "\t")) for gap in gaps]
    runs: list[tuple[int, int]] = []
    short: list[tuple[int, int]] = []
    first = 0
    while first < len(spans):
        if not looks[first]:
            first += 1
            continue
        end = last = first + 1
        while end < len(spans) and follows[end] and (looks[end] or indented[end]):
            end += 1
            if looks[end - 1]:
                last = end
        count = sum(looks[first:last])
        if count >= _SHARE * (last - first):
            (runs if count >= _LEAST else short).append((first, last))
        first = last
    return sorted(runs + short) if runs else []
