"""Character encodings."""

import codecs
import encodings
import encodings.aliases
import gzip
import random

import pytest
from intake_helpers import LIMITS, page, text_of

from noisefilter.errors import (
    UndecodableInput,
)
from noisefilter.intake import decode_text, load_page
from noisefilter.intake.decoding import _CODECS, _WIDER, codec_of, to_utf_8

RUSSIAN = "Сегодня утром в центре города прошёл праздничный концерт, на который пришли тысячи жителей."
CHINESE = "今天上午，市政府召开新闻发布会，介绍了今年以来经济社会发展的有关情况。记者从会上了解到有关情况。"
TAIWANESE = "今天上午，市政府召開新聞發布會，介紹了今年以來經濟社會發展的有關情況。"
JAPANESE = "本日午前、市役所で記者会見が開かれ、今年の経済発展の状況について説明がありました。"
KOREAN = "오늘 오전 시청에서 기자회견이 열려 올해 경제 발전 상황에 대한 설명이 있었습니다."
FRENCH = "L'été dernier, les élèves étaient très fatigués à cause de la chaleur élevée."
GERMAN = "Die Übung für Mädchen und Jungen fängt früh an und hört spät auf."
POLISH = "Wczoraj wieczorem policjanci zatrzymali mężczyznę, który próbował ukraść rower. Śledztwo trwa."


def declared(charset: str) -> str:
    return f"<meta charset={charset}>"


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (page("plain").encode(), "plain", "utf-8"),
        (page("é").encode(), "é", "utf-8"),
        (page("é").encode("utf-8-sig"), "é", "utf-8"),
        (page("é").encode("utf-16"), "é", "utf-16-le"),
        (b"\xfe\xff" + page("é").encode("utf-16-be"), "é", "utf-16-be"),
        (page("é").encode("utf-16-le"), "é", "utf-16-le"),
        (b"\0\n" + page("é").encode("utf-16-be"), "é", "utf-16-be"),
        (page("é").encode("utf-32"), "é", "utf-32-le"),
        # declared
        (page("é “x”", declared("iso-8859-1")).encode("cp1252"), "é “x”", "windows-1252"),
        (page("é", "<meta charset = 'LATIN1'>").encode("cp1252"), "é", "windows-1252"),
        (page("镕朱", declared("gb2312")).encode("gb18030"), "镕朱", "gb18030"),
        (page("①髙", declared("Shift_JIS")).encode("cp932"), "①髙", "cp932"),
        (page("①", declared("x-sjis")).encode("cp932"), "①", "cp932"),
        (page("똠", declared("euc-kr")).encode("cp949"), "똠", "cp949"),
        (page("똠", declared("ks_c_5601-1987")).encode("cp949"), "똠", "cp949"),
        (page("ğ", declared("iso-8859-9")).encode("cp1254"), "ğ", "windows-1254"),
        (page("ж", declared("windows-1251")).encode("cp1251"), "ж", "windows-1251"),
        (page("ж", declared("win1251")).encode("cp1251"), "ж", "windows-1251"),
        (page("ж", declared("koi8-r")).encode("koi8-r"), "ж", "koi8-r"),
        (
            page("ł", '<META content="text/html; charset=iso-8859-2" http-equiv=x>').encode("iso8859-2"),
            "ł",
            "iso8859-2",
        ),
        (
            b'<?xml version="1.0" encoding="windows-1251"?><html><body>'
            + "ж".encode("cp1251")
            + b"</body></html>",
            "ж",
            "windows-1251",
        ),
        (page(JAPANESE, declared("iso-2022-jp")).encode("iso2022_jp"), JAPANESE, "iso2022_jp"),
        (
            page("é", "<!-- <meta charset=koi8-r> -->" + declared("latin1")).encode("cp1252"),
            "é",
            "windows-1252",
        ),
        # declared wrongly
        (page("é", declared("iso-8859-1")).encode(), "é", "utf-8"),
        (page("é", declared("utf-16")).encode(), "é", "utf-8"),
        (page("中" * 100 + "x", declared("gbk")).encode()[:-16] + b"\xe4\xb8", "中" * 99, "utf-8"),
        (page(GERMAN, declared("utf-8")).encode("cp1252"), GERMAN, "windows-1252"),
        (page("中文" * 200, declared("gbk")).encode("gbk") + b"<p>\xff\xff", "中文", "gb18030"),
        # declared as what is no character encoding
        *(
            (page("caf\xe9", declared(name)).encode("cp1252"), "café", "windows-1252")
            for name in (
                *("hex", "rot13", "base64", "zip", "utf-7", "idna", "punycode", "unicode_escape", "cp037"),
                *("undefined", "x" * 100, "no-such", "utf_8_sig_", "mbcs", "..", "raw_unicode_escape"),
            )
        ),
        # undeclared
        (page(RUSSIAN).encode("cp1251"), RUSSIAN, "windows-1251"),
        (page(RUSSIAN).encode("koi8-r"), RUSSIAN, "koi8-r"),
        (page(CHINESE).encode("gb18030"), CHINESE, "gb18030"),
        (page(TAIWANESE).encode("big5"), TAIWANESE, "big5hkscs"),
        (page(JAPANESE).encode("cp932"), JAPANESE, "cp932"),
        (page(JAPANESE).encode("euc-jp"), JAPANESE, "euc_jp"),
        (page(JAPANESE).encode("iso2022_jp"), JAPANESE, "iso2022_jp"),
        (page(KOREAN).encode("cp949"), KOREAN, "cp949"),
        (page(FRENCH).encode("cp1252"), FRENCH, "windows-1252"),
        (page(GERMAN).encode("cp1252"), GERMAN, "windows-1252"),
        (page(POLISH).encode("cp1250"), POLISH, "windows-1250"),
        (page("caf\xe9").encode("cp1252"), "café", "windows-1252"),
        (page("<!-- x -->" * 3000 + RUSSIAN).encode("cp1251"), RUSSIAN, "windows-1251"),
    ],
)
def test_encodings(data: bytes, text: str, encoding: str) -> None:
    loaded = load_page(data, LIMITS)
    assert text in text_of(loaded)
    assert loaded.encoding == encoding
    if data.strip()[:1] == b"<":
        assert text_of(load_page(gzip.compress(data), LIMITS)) == text_of(loaded)


def test_broken_bytes_are_replaced() -> None:
    assert text_of(
        load_page(page("ab" * 200 + "éà|", declared("utf-8")).encode().replace(b"|", b"\xff"), LIMITS)
    ).endswith("éà\ufffd")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        ("é".encode("utf-8-sig"), "é"),
        (GERMAN.encode("cp1252"), GERMAN),
        (b"<p>x</p>", "<p>x</p>"),
        (gzip.compress(b"plain"), "plain"),
        (b"x^2 + \xe9", "x^2 + é"),
        (b"nothing but a na\xefve text", "nothing but a naïve text"),
    ],
)
def test_decode_text(data: bytes, text: str) -> None:
    assert decode_text(data) == text


@pytest.mark.parametrize("seed", range(5))
def test_undecodable(seed: int) -> None:
    data = b"\x80" + random.Random(seed).randbytes(3000)
    with pytest.raises(UndecodableInput):
        load_page(data, LIMITS)
    with pytest.raises(UndecodableInput):
        decode_text(data)


def test_unknown_labels_are_not_remembered() -> None:
    before = len(encodings._cache)
    for number in range(100):
        assert codec_of(f"no-such-label-{number}") is None
        declared = f"<meta charset=no-such-page-{number}><p>".encode() + "Übung, früh".encode("cp1252")
        assert to_utf_8(declared)[1] == "windows-1252"
    assert len(encodings._cache) <= before + 1


@pytest.mark.parametrize("name", sorted({*encodings.aliases.aliases, *encodings.aliases.aliases.values()}))
def test_names_that_python_knows_are_looked_up(name: str) -> None:
    try:
        known = codecs.lookup(name).name
    except LookupError:  # those of another system
        return
    expected = _WIDER.get(known, known)
    assert codec_of(name.replace("_", "-")) == (expected if expected in _CODECS else None)
