"""Whether an element hides its text, by its own style and attributes.

The rules of CSS are kept as far as they decide this: of several declarations the last one counts, unless an
earlier one is ``!important``; what is inherited can be undone further inside, while a box that is taken away
is gone with all in it. Style sheets and scripts are not looked at, so readers may see what is hidden here: it
is evidence, no verdict. Left out is what they mostly do see: elements that are transparent (``opacity:0``)
where they stand, which scripts fade in, and classes such as ``sr-only``, whose meaning is a guess.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from lxml.html import HtmlElement

ATTRIBUTES = frozenset({"style", "hidden", "aria-hidden"})
"""Names of the attributes that may hide."""
SHOWN = 0
"""The state of text that nothing hides."""
# States, which add up: the box is gone; it is where nobody sees it; and what is inherited: invisible, letters
# of no size, or without colour.
_GONE, _AWAY, _INVISIBLE, _TINY, _TRANSPARENT = 1, 2, 4, 8, 16
_DISPLAYED = 32  # no state: `display` is given, which counts for more than the attribute `hidden`

_FAR_PX = -999.0  # so far to the left or the top is off the screen
_SHIFTED_PX = -5_000.0  # tracks of carousels are moved by some slides
_SMALL_PX = 1.0
_EDGES = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
_MAX_CHARS = 20_000  # of a style that are read, half of them at each end; data: URIs make some far longer
_MAX_REMEMBERED = 400  # characters of a style that is remembered

# Comments, strings and addresses, in which anything may stand, and escapes.
_OPAQUE = re.compile(
    r"""/\*.*?(?:\*/|\Z) | "(?:[^"\\]++|\\.)*+"? | '(?:[^'\\]++|\\.)*+'? | url\([^)]*\)?
    | \\(?:(?P<code>[0-9a-f]{1,6})\s?|(?P<char>.))""",
    re.DOTALL | re.VERBOSE,
)
_IDENTIFIER = re.compile("[a-z0-9-]")
_DECLARATION = re.compile(
    r""";\s*+(display|visibility|opacity|color|font-size|text-indent|position|left|right|top
    |bottom|margin-left|margin-top|transform|flex(?:-grow)?|-webkit-text-fill-color|clip|clip-path|(?:-webkit-)?background-clip|overflow(?:-[xy])?
    |(?:min-|max-)?(?:width|height)|padding(?:-\w++)?)\s*+:([^;]*)""",
    re.VERBOSE,
)
_GLOBAL = "initial|inherit|unset|revert|revert-layer"
_KEYWORDS = {
    "display": re.compile(
        r"(?:-webkit-)?(?:inline-)?(?:block|box|flex|grid|table)|table-[a-z-]+|ruby[a-z-]*|inline|flow|flow-root"
        rf"|list-item|contents|math|none|{_GLOBAL}"
    ),
    "visibility": re.compile(rf"visible|hidden|collapse|{_GLOBAL}"),
    "position": re.compile(rf"static|relative|absolute|fixed|(?:-webkit-)?sticky|{_GLOBAL}"),
}
_LENGTH = re.compile(r"([-+]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:e[-+]?\d{1,3})?)([a-z]*|%)")
_CALL = re.compile(r"(?<![-\w])([-\w]++)\(([^()]*)\)")
_APART = re.compile(r"[\s,/]+")
# Pixels a unit, with a common size of letters and of windows; per cents are of what is not known, so they are
# taken for little.
_PIXELS = {
    "": 1.0, "px": 1.0, "%": 1.0, "pt": 4 / 3, "pc": 16.0, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0,
    "mm": 3.8, "cm": 38.0, "in": 96.0, "vw": 10.0, "vh": 10.0,
}  # fmt: skip
_OF_PARENT = re.compile("(?<!r)em$|ex$|ch$|%$")  # of no size, where the letters around are
_CLEAR = re.compile("transparent|#[0-9a-f]{3}0|#[0-9a-f]{6}00")
_INHERITING = ("inherit", "unset", "revert", "currentcolor", "larger", "smaller")

_Style = dict[str, str]


class _Effect(NamedTuple):
    """What a style does to the state of the text inside.

    Attributes:
        shows: states that it undoes, and whether `display` is given.
        hides: states that it adds.
    """

    shows: int
    hides: int


def state_within(around: int, element: HtmlElement) -> int:
    """The state of the text inside an element.

    Args:
        around: the state in which the element stands: `SHOWN`, or what this function said of its parent.
        element: only its own attributes are looked at.

    Returns:
        `SHOWN`, or another number if the text is hidden.
    """
    style = element.get("style")
    shows, hides = _effect_of(style) if style else (0, 0)
    state = (around & ~shows) | hides
    hidden = element.get("hidden")
    if hidden is not None and (not shows & _DISPLAYED or hidden.strip().lower() == "until-found"):
        state |= _GONE
    if (element.get("aria-hidden") or "").strip().lower() == "true":
        state |= _GONE
    return state


def is_out_of_sight(element: HtmlElement) -> bool:
    """Whether an element hides its text in a way by which pages fold nothing away that readers may open.

    That is off the screen, clipped to nothing, or in letters of no size or colour, if nothing inside may have
    letters of its own by a class.
    """
    style = element.get("style")
    hides = _effect_of(style).hides if style else 0
    if hides & (_TINY | _TRANSPARENT):
        inside = element.iterdescendants()
        return not any(inner.get("class") or inner.get("style") for inner in inside)
    return bool(hides & _AWAY)


def _effect_of(style: str) -> _Effect:
    return _remembered(style) if len(style) <= _MAX_REMEMBERED else _effect(style)


def _effect(text: str) -> _Effect:
    style = _declarations(text)
    shows = hides = 0
    if "display" in style:
        shows |= _DISPLAYED
    for name, state, judge in (
        ("visibility", _INVISIBLE, _is_invisible),
        ("font-size", _TINY, _is_tiny),
        ("color", _TRANSPARENT, _is_transparent),
    ):
        if name in style and (hidden := judge(style)) is not None:
            shows, hides = (shows, hides | state) if hidden else (shows | state, hides)
    lifted = style.get("position") in ("absolute", "fixed")
    if style.get("display") == "none" or _has_no_size(style):
        hides |= _GONE
    # In its place what is transparent would leave a gap: that is how scripts fade in what readers do see.
    if (
        (lifted and _is_at_most(0.01, style.get("opacity")))
        or _is_off_screen(style, lifted)
        or _is_clipped(style, lifted)
    ):
        hides |= _AWAY
    return _Effect(shows, hides)


_remembered = lru_cache(maxsize=4096)(_effect)  # the same few styles come again and again


def _declarations(text: str) -> _Style:
    """Values by name, of the properties that matter here."""
    if len(text) > _MAX_CHARS:
        text = f"{text[: _MAX_CHARS // 2]};{text[-_MAX_CHARS // 2 :]}"
    text = _OPAQUE.sub(_plain, text.lower())
    found: _Style = {}
    important = set()
    for name, value in _DECLARATION.findall(";" + text):
        value, _, mark = value.partition("!")
        value, mark = value.strip(), mark.strip()
        if mark not in ("", "important") or (name in important and not mark) or not _is_valid(name, value):
            continue
        if mark:
            important.add(name)
        found[name] = value
    return found


def _is_valid(name: str, value: str) -> bool:
    """Whether browsers take a value; for lengths and colours it is enough that there is one."""
    known = _KEYWORDS.get(name)
    return bool(value) and (known is None or all(known.fullmatch(word) for word in value.split()))


def _plain(match: re.Match[str]) -> str:
    """A letter for its escape; of all else that anything may stand for, a blank."""
    if match["code"]:
        code = int(match["code"], 16)
        char = chr(code).lower() if code < 128 else ""
    else:
        char = match["char"] or " "
        if char == " ":
            return char
    return char if _IDENTIFIER.fullmatch(char) else "_"


def _pixels(value: str | None) -> float | None:
    """A length in pixels, roughly; None if it is none."""
    match = _LENGTH.fullmatch(value or "")
    factor = _PIXELS.get(match[2]) if match else None
    return float(match[1]) * factor if match and factor is not None else None


def _calls(value: str | None) -> Iterator[tuple[str, list[float | None]]]:
    """The functions of a value, each with its arguments in pixels."""
    for name, inner in _CALL.findall(value or ""):
        yield name, [_pixels(part) for part in _APART.split(inner.partition("round")[0].strip())]


def _is_at_most(limit: float, value: str | None, least: float = float("-inf")) -> bool:
    length = _pixels(value)
    return length is not None and least <= length <= limit


def _is_invisible(style: _Style) -> bool | None:
    return {"hidden": True, "collapse": True, "visible": False, "initial": False}.get(style["visibility"])


def _is_tiny(style: _Style) -> bool | None:
    value = style["font-size"]
    if _is_at_most(_SMALL_PX, value, 0):
        return True
    return None if value in _INHERITING or _OF_PARENT.search(value) else False


def _is_transparent(style: _Style) -> bool | None:
    value = style["color"]
    if style.get("-webkit-text-fill-color", value) not in (value, "currentcolor"):
        return False  # it counts for more
    if "text" in (style.get("background-clip"), style.get("-webkit-background-clip")):
        return False  # the letters show the background
    if _CLEAR.fullmatch(value):
        return True
    if any(name in ("rgb", "rgba", "hsl", "hsla") and args[3:] == [0] for name, args in _calls(value)):
        return True
    return None if value in _INHERITING or value.startswith("var(") else False


def _is_off_screen(style: _Style, lifted: bool) -> bool:
    moved = ["text-indent"]
    # What a padding of that size makes up for stays where it is.
    moved += [f"margin-{side}" for side in ("left", "top") if not _is_padded(style, side)]
    if lifted or style.get("position") == "relative":
        # Between two such edges it may be centred.
        moved += [name for name, other in _EDGES.items() if not _is_at_most(_FAR_PX, style.get(other))]
    if any(_is_at_most(_FAR_PX, style.get(name)) for name in moved):
        return True
    return any(
        (name.startswith("translate") and any(arg is not None and arg <= _SHIFTED_PX for arg in args))
        or (name in ("scale", "scalex", "scaley", "scale3d") and 0 in args[:2])
        for name, args in _calls(style.get("transform"))
    )


def _is_padded(style: _Style, side: str) -> bool:
    margin, padding = _pixels(style.get(f"margin-{side}")), _pixels(style.get(f"padding-{side}"))
    return margin is not None and padding is not None and margin + padding > _FAR_PX


def _is_clipped(style: _Style, lifted: bool) -> bool:
    for name, args in _calls(style.get("clip")):
        if lifted and name == "rect" and len(args) == 4 and None not in args:
            top, right, bottom, left = (arg or 0.0 for arg in args)
            if bottom - top <= _SMALL_PX or right - left <= _SMALL_PX:
                return True
    path = style.get("clip-path", "")
    for name, args in _calls(path):
        if name == "circle" and args[0] == 0:
            return True
        if name == "inset" and "%" in path and None not in args:
            # As of margins: top, right, bottom, left, where what is left out is as on the other side.
            top, right, bottom, left = ([arg or 0.0 for arg in args] + [0.0] * 3)[:4]
            right = right if len(args) > 1 else top
            bottom = bottom if len(args) > 2 else top
            left = left if len(args) > 3 else right
            if top + bottom >= 100 or left + right >= 100:
                return True
    return False


def _has_no_size(style: _Style) -> bool:
    """Whether a box has no width or height, and cuts off what is larger."""
    if not any(
        value in ("hidden", "clip", "auto", "scroll")
        for name in ("overflow", "overflow-x", "overflow-y")
        for value in style.get(name, "").split()
    ):
        return False
    if any(style.get(name, "0") not in ("0", "none") for name in ("flex", "flex-grow")):
        return False  # it grows
    if any(
        name.startswith(("padding", "min-")) and any(_pixels(part) != 0 for part in value.split())
        for name, value in style.items()
    ):
        return False  # the content may show there
    return any(
        _is_at_most(_SMALL_PX, style.get(name), 0) for name in ("width", "height", "max-width", "max-height")
    )
