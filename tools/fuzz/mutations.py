"""Ways to break a page or a text: each takes bytes and gives bytes, by a random generator of its own."""

import gzip
import re
import zlib
from collections.abc import Callable
from random import Random

from lxml import etree, html

from tools.fuzz.hostile import ATTRIBUTES, ENCODINGS, LABELS, TAGS, TOKENS

MOST_BYTES = 40_000
"""What a mutation may grow a case to; size alone is for tests of the limits."""

Mutation = Callable[[Random, bytes, bytes], bytes]
"""From a generator, the bytes, and those of another page."""

_START_TAG = re.compile(rb"<[a-zA-Z][\w:-]*")
_END_TAG = re.compile(rb"</[a-zA-Z][^>]{0,40}>")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?[\w-]+")
_REFERENCE = re.compile(rb"&#?\w{1,31};?")


def _slice(rng: Random, data: bytes, most: int = 2_000) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + 1 + int(most ** rng.random()))


def _at_any(rng: Random, pattern: re.Pattern[bytes], data: bytes) -> re.Match[bytes] | None:
    """A match that a random place is followed by."""
    return pattern.search(data, rng.randrange(len(data) + 1)) or pattern.search(data)


def truncate(rng: Random, data: bytes, _: bytes) -> bytes:
    """One end is missing, as after a broken connection."""
    cut = rng.randrange(len(data) + 1)
    return data[:cut] if rng.random() < 0.8 else data[cut:]


def splice(rng: Random, data: bytes, other: bytes) -> bytes:
    """The start of one page and the end of another, or a piece of that one inside."""
    if rng.random() < 0.5:
        return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]
    start, end = _slice(rng, other, 20_000)
    at = rng.randrange(len(data) + 1)
    return data[:at] + other[start:end] + data[at:]


def flip_bytes(rng: Random, data: bytes, _: bytes) -> bytes:
    """Some bits are wrong."""
    changed = bytearray(data)
    for _n in range(int(64 ** rng.random()) if data else 0):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def delete(rng: Random, data: bytes, _: bytes) -> bytes:
    """A piece is missing."""
    start, end = _slice(rng, data)
    return data[:start] + data[end:]


def insert_noise(rng: Random, data: bytes, _: bytes) -> bytes:
    """Random bytes."""
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(1 + int(40 * rng.random() ** 2)) + data[at:]


def insert_tokens(rng: Random, data: bytes, _: bytes) -> bytes:
    """What parsers and Unicode find hard: at random places, or at the end or the start of text."""
    for _n in range(rng.randint(1, 4)):
        token = rng.choice(TOKENS)
        at = rng.randrange(len(data) + 1)
        if rng.random() < 0.5:
            at = max(data.find(rng.choice((b">", b"<", b"\n", b" ")), at), 0)
            at += at < len(data) and data[at : at + 1] == b">"
        data = data[:at] + token * rng.choice((1, 1, 1, 3, 40)) + data[at:]
    return data


def nest(rng: Random, data: bytes, _: bytes) -> bytes:
    """A piece inside many elements, which may not be closed."""
    start, end = _slice(rng, data)
    depth = rng.choice((1, 3, 30, 300, 2_000))
    tags = [rng.choice(TAGS) for _n in range(rng.randint(1, 3))]
    opened = b"".join(b"<%s>" % tags[n % len(tags)] for n in range(depth))
    closed = b"".join(b"</%s>" % tags[n % len(tags)] for n in reversed(range(depth)))
    return data[:start] + opened + data[start:end] + (closed if rng.random() < 0.6 else b"") + data[end:]


def repeat(rng: Random, data: bytes, _: bytes) -> bytes:
    """A piece many times over."""
    start, end = _slice(rng, data)
    times = min(rng.choice((2, 3, 10, 100, 1_000)), MOST_BYTES // max(end - start, 1))
    return data[:start] + data[start:end] * times + data[end:]


def swap_tags(rng: Random, data: bytes, _: bytes) -> bytes:
    """Elements of one name get another, at the start, the end or both."""
    match = _at_any(rng, _START_TAG, data)
    if match is None:
        return data
    old, new = match.group()[1:], rng.choice(TAGS)
    which = rng.choice((b"<", b"</", b"</?"))
    times = rng.choice((0, 1, 3))
    return re.sub(rb"(%s)%s\b" % (which, re.escape(old)), rb"\1" + new, data, count=times)


def cut_references(rng: Random, data: bytes, _: bytes) -> bytes:
    """A character reference is cut, or one that is broken stands in the text."""
    match = _at_any(rng, _REFERENCE, data)
    if match is None or rng.random() < 0.3:
        at = rng.randrange(len(data) + 1)
        broken = (
            b"&#",
            b"&#x",
            b"&#x110000;",
            b"&#55357;&#56832;",
            b"&#128",
            b"&#0;",
            b"&ampamp;",
            b"&notit;",
        )
        return data[:at] + rng.choice(broken) + data[at:]
    cut = rng.randint(match.start() + 1, match.end())
    return data[:cut] + data[match.end() :]


def cut_characters(rng: Random, data: bytes, _: bytes) -> bytes:
    """Characters of several bytes lose some."""
    high = [n for n in (rng.randrange(len(data)) for _n in range(200)) if data[n] >= 0x80] if data else []
    changed = bytearray(data)
    for place in sorted(set(high[: rng.randint(1, 8)]), reverse=True):
        del changed[place]
    return bytes(changed) if high else data + rng.choice((b"\xe6\xbc", b"\xf0\x9f\x99", b"\xc3"))


def change_charset(rng: Random, data: bytes, _: bytes) -> bytes:
    """The page declares another encoding, or starts with a mark of one."""
    label = rng.choice(LABELS)
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff\xfe\0\0", b"+/v8-")) + data
    if kind == 1:
        return b'<?xml version="1.0" encoding="%s"?>' % label + data
    declared = _CHARSET.sub(b"charset=" + label, data, count=1)
    return declared if kind == 2 and declared != data else b"<meta charset=%s>" % label + data


def recode(rng: Random, data: bytes, _: bytes) -> bytes:
    """The page is in another encoding than it says."""
    text = data.decode("utf-8", "replace")
    return text.encode(rng.choice(ENCODINGS), "replace")


def corrupt_compressed(rng: Random, data: bytes, _: bytes) -> bytes:
    """Compressed, and damaged; or compressed twice."""
    packed = gzip.compress(data, 1, mtime=0) if rng.random() < 0.5 else zlib.compress(data, 1)
    kind = rng.randrange(4)
    if kind == 0:
        return gzip.compress(packed, 1, mtime=0)
    if kind == 1:
        return packed[: rng.randrange(len(packed) + 1)]
    if kind == 2:
        return packed + rng.randbytes(20)
    return flip_bytes(rng, packed, b"")


def drop_end_tags(rng: Random, data: bytes, _: bytes) -> bytes:
    """End tags are missing: all of one name, or any at random."""
    match = _at_any(rng, _END_TAG, data)
    if match is not None and rng.random() < 0.5:
        return data.replace(match.group(), b"")
    share = rng.random()
    return _END_TAG.sub(lambda found: b"" if rng.random() < share else found.group(), data)


def shuffle_elements(rng: Random, data: bytes, _: bytes) -> bytes:
    """Subtrees move: swapped, into each other, or doubled."""
    try:
        root = html.document_fromstring(data[:MOST_BYTES])
    except (etree.LxmlError, ValueError):
        return data
    elements = [element for element in root.iter(etree.Element) if element.getparent() is not None]
    for _n in range(rng.randint(1, 6) if elements else 0):
        one, two = rng.choice(elements), rng.choice(elements)
        if one is two or one in set(two.iterancestors()) or two in set(one.iterancestors()):
            continue
        if rng.random() < 0.5:
            two.append(one)
        else:
            two.addnext(one)
    return bytes(etree.tostring(root, method="html", encoding="utf-8"))


def odd_attributes(rng: Random, data: bytes, _: bytes) -> bytes:
    """Start tags get attributes that hide, mislead or are broken."""
    for _n in range(rng.randint(1, 5)):
        if match := _at_any(rng, _START_TAG, data):
            data = data[: match.end()] + b" " + rng.choice(ATTRIBUTES) + data[match.end() :]
    return data


def shuffle_lines(rng: Random, data: bytes, _: bytes) -> bytes:
    """Lines in another order, or without their ends."""
    lines = data.splitlines(keepends=True)
    if rng.random() < 0.3:
        return b"".join(line.rstrip(b"\r\n") for line in lines)
    start = rng.randrange(len(lines) + 1)
    part = lines[start : start + 40]
    rng.shuffle(part)
    return b"".join((*lines[:start], *part, *lines[start + 40 :]))


MUTATIONS: dict[str, Mutation] = {
    mutation.__name__: mutation
    for mutation in (
        truncate, splice, flip_bytes, delete, insert_noise, insert_tokens, nest, repeat, swap_tags,
        cut_references, cut_characters, change_charset, recode, corrupt_compressed, drop_end_tags,
        shuffle_elements, odd_attributes, shuffle_lines,
    )
}  # fmt: skip
LAST = frozenset({"recode", "corrupt_compressed"})
"""Mutations after which the others find no markup."""


def mutated(rng: Random, data: bytes, other: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Some mutations of the data, one after another.

    Args:
        rng: decides everything.
        data: to mutate.
        other: of another page, for `splice`.

    Returns:
        The result, of at most `MOST_BYTES` bytes, and the names of the mutations.
    """
    names = rng.choices(tuple(MUTATIONS), k=rng.choice((1, 1, 2, 2, 3, 5)))
    names.sort(key=lambda name: name in LAST)
    for name in names:
        data = MUTATIONS[name](rng, data, other)[:MOST_BYTES]
    return data, tuple(names)
