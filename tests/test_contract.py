"""What users rely on: names, signatures and types, and what holds of every result."""

import copy
import dataclasses
import inspect
import json
import math
import pickle
import typing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from conftest import FreshProcess
from hypothesis import example, given, settings
from hypothesis import strategies as st
from known_misses import PAGE_NAMES, PAGES, clean_file, cleaned
from lxml import etree, html

import noisefilter
from noisefilter import (
    Article,
    Block,
    Cleaner,
    Evidence,
    Flag,
    Item,
    Kind,
    Label,
    Limits,
    Policy,
    Reason,
    Result,
    Status,
    Treatment,
)
from noisefilter import labels as label_module
from noisefilter.assembly import assemble
from noisefilter.metadata import Metadata

HTML_PAGES = [page for page in PAGE_NAMES if page.endswith(".html")]
TEXT_PAGES = [page for page in PAGE_NAMES if page.endswith(".txt")]
SENTENCES = (
    "The lighthouse on Crane Point was switched on again on Friday, eleven years after its keeper had left.",
    "A group of retired electricians rewired the lamp room over two winters, with cable from an old ferry.",
    "Fishermen who had steered by the church tower say that they will now have to learn the way home again.",
)
TEXT = "\n\n".join(SENTENCES)
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
PAGE = f"<html><body><article><h1>Crane Point</h1>{PARAGRAPHS}</article></body></html>"
every_page = pytest.mark.parametrize("page", PAGE_NAMES)


# Names, signatures and types.


def parameters(function: Callable[..., Any]) -> list[tuple[str, str, object]]:
    found = inspect.signature(function).parameters.values()
    short = {"POSITIONAL_OR_KEYWORD": "any", "KEYWORD_ONLY": "keyword"}
    return [(p.name, short[p.kind.name], p.default) for p in found if p.name != "self"]


NONE = inspect.Parameter.empty
RULES = [("policy", "keyword", "balanced"), ("keep", "keyword", ()), ("drop", "keyword", ())]
SIGNATURES: dict[str, tuple[list[tuple[str, str, object]], object]] = {
    "clean": ([("html", "any", NONE), ("url", "keyword", None), *RULES], Article),
    "clean_text": (
        [("text", "any", NONE), ("title", "keyword", None), ("url", "keyword", None), *RULES],
        Article,
    ),
    "extract": (
        [
            ("html", "any", NONE),
            ("url", "any", None),
            ("output_format", "keyword", "txt"),
            ("favor_precision", "keyword", False),
            ("favor_recall", "keyword", False),
            ("include_comments", "keyword", False),
            ("with_metadata", "keyword", False),
        ],
        str | None,
    ),
}


@pytest.mark.parametrize("name", SIGNATURES)
@pytest.mark.parametrize("home", [noisefilter, Cleaner], ids=["function", "method"])
def test_signatures(home: Any, name: str) -> None:
    expected, returns = SIGNATURES[name]
    function = getattr(home, name)
    assert parameters(function) == expected
    assert typing.get_type_hints(function)["return"] == returns


def test_signature_of_clean_many() -> None:
    bounds = [("timeout_s", "keyword", None), ("max_memory_mb", "keyword", None)]
    options = [("n_jobs", "keyword", 1), *bounds, *RULES]
    cleaner = [("model", "keyword", None), ("limits", "keyword", None)]
    assert parameters(noisefilter.clean_many) == [("items", "any", NONE), *options, *cleaner]


def test_signature_of_cleaner() -> None:
    assert parameters(Cleaner.__init__) == [("model", "any", None), ("limits", "any", None)]


@pytest.mark.parametrize(
    ("type_", "fields"),
    [
        (
            Article,
            "text title authors date tags source language url quality flags blocks model",
        ),
        (Block, "text kind level label score noise kept reason hidden start end"),
        (Evidence, "name weight"),
        (Policy, "name threshold recovery treatments removal_budget"),
        (Item, "html text title url policy keep drop"),
        (Result, "index status article error"),
        (Limits, "input_bytes decompressed_bytes depth_elements"),
    ],
)
def test_fields_in_order(type_: Any, fields: str) -> None:
    names = [field.name for field in dataclasses.fields(type_)]
    assert names[: len(fields.split())] == fields.split()


@pytest.mark.parametrize("enum", [Label, Kind, Flag, Reason, Status, Treatment])
def test_closed_sets_are_strings(enum: type[StrEnum]) -> None:
    assert issubclass(enum, StrEnum)
    assert json.dumps(list(enum)) == json.dumps([str(member.value) for member in enum])


def test_members_of_closed_sets() -> None:
    assert " ".join(Label) == (
        "content title byline date caption ad spam related cta share nav consent legal tags source comment"
    )
    assert " ".join(Kind) == "paragraph heading list_item table_row code quote other"
    assert " ".join(Status) == "ok error timeout crashed memory"
    assert " ".join(Flag) == "empty paywall consent spam hidden_text removal_budget long deep low_quality"


def test_all_names_can_be_imported_and_are_explained() -> None:
    for name in set(noisefilter.__all__) - {"__version__"}:
        thing = getattr(noisefilter, name)
        assert inspect.getdoc(thing), name
        assert thing.__name__ == name
        assert thing.__module__.startswith("noisefilter."), name


def test_all_agrees_with_dir() -> None:
    assert noisefilter.__all__ == sorted(noisefilter.__all__) == dir(noisefilter)


def test_all_agrees_with_star_import(fresh_process: FreshProcess) -> None:
    try:
        assert noisefilter.__version__ == version("noisefilter")
    except PackageNotFoundError:
        pytest.skip("noisefilter is not installed, only on the path, and so has no version")
    code = "from noisefilter import *; print(*sorted(n for n in dir() if n == '__version__' or n[0] != '_'))"
    assert fresh_process(code).stdout.split() == sorted(noisefilter.__all__)


def test_all_holds_every_error_and_closed_set() -> None:
    errors = {
        name
        for name, value in vars(noisefilter.errors).items()
        if isinstance(value, type) and issubclass(value, noisefilter.NoiseFilterError)
    }
    sets = {
        name for name, value in vars(label_module).items() if isinstance(value, type) and value is not StrEnum
    }
    assert errors | sets <= set(noisefilter.__all__)
    for name in errors:
        assert issubclass(getattr(noisefilter, name), noisefilter.NoiseFilterError)


def test_unknown_names_raise_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = noisefilter.nothing


@pytest.mark.parametrize(
    "function",
    [Cleaner.clean, Cleaner.clean_text, Cleaner.extract, Cleaner, noisefilter.clean_many],
)
def test_docstrings_name_every_argument(function: Callable[..., Any]) -> None:
    documentation = inspect.getdoc(function) or ""
    for name in inspect.signature(function).parameters:
        assert name == "self" or f"\n    {name}:" in documentation, name


@pytest.mark.parametrize("type_", [Article, Block, Evidence, Item, Policy, Limits, Result])
def test_docstrings_name_every_field(type_: Any) -> None:
    documentation = inspect.getdoc(type_) or ""
    for field in dataclasses.fields(type_):
        assert field.name.startswith("_") or f"\n    {field.name}:" in documentation, field.name


@pytest.mark.parametrize(
    "keyword", ["fast", "no_fallback", "include_tables", "deduplicate", "config", "favour_recall"]
)
def test_extract_names_keywords_that_only_trafilatura_has(keyword: str) -> None:
    options: Any = {keyword: True}
    with pytest.raises(TypeError, match=f"'{keyword}'"):
        noisefilter.extract(PAGE, **options)


@pytest.mark.parametrize("name", ["clean", "clean_text"])
def test_other_keywords_raise_type_error(name: str) -> None:
    for home in (noisefilter, Cleaner()):
        with pytest.raises(TypeError, match="'output_format'"):
            getattr(home, name)(PAGE, output_format="txt")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: noisefilter.extract(PAGE, output_format="xml"), "txt, markdown, html, json, not 'xml'"),
        (lambda: noisefilter.extract(PAGE, favor_precision=True, favor_recall=True), "exclude each other"),
    ],
)
def test_wrong_options_of_extract(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: noisefilter.clean(3), "str, bytes or lxml tree, not int"),  # type: ignore[arg-type]
        (lambda: noisefilter.clean(None), "None"),  # type: ignore[arg-type]
        (lambda: noisefilter.clean(Path("page.html")), "read the file first"),  # type: ignore[arg-type]
        (lambda: noisefilter.clean_text(b"text"), "decode it first"),  # type: ignore[arg-type]
        (lambda: noisefilter.clean(PAGE, url=b"x"), "url must be a string"),  # type: ignore[arg-type]
        (lambda: noisefilter.clean_text(TEXT, title=3), "title must be a string"),  # type: ignore[arg-type]
        (lambda: Cleaner(limits=3), "limits must be a noisefilter.Limits"),  # type: ignore[arg-type]
    ],
)
def test_wrong_types_raise_type_error(call: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: noisefilter.clean(""), noisefilter.EmptyInput),
        (lambda: noisefilter.clean_text(" \n"), noisefilter.EmptyInput),
        (lambda: noisefilter.clean(TEXT), noisefilter.NotHTML),
        (lambda: Cleaner(limits=Limits(input_bytes=10)).clean(PAGE), noisefilter.TooLarge),
        (lambda: Cleaner(limits=Limits(depth_elements=3)).clean(PAGE), noisefilter.TooDeep),
    ],
)
def test_input_that_cannot_be_read_raises_its_error(
    call: Callable[[], object], error: type[noisefilter.InputError]
) -> None:
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, noisefilter.NoiseFilterError)


def test_not_html_names_clean_text() -> None:
    with pytest.raises(noisefilter.NotHTML, match="clean_text"):
        noisefilter.clean(TEXT)


# Results cannot be changed.


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: noisefilter.clean_text(TEXT), "text"),
        (lambda: noisefilter.clean_text(TEXT).blocks[0], "kept"),
        (lambda: Evidence("link density", 1.0), "weight"),
        (Policy, "threshold"),
        (Limits, "input_bytes"),
    ],
    ids=["Article", "Block", "Evidence", "Policy", "Limits"],
)
def test_results_and_settings_are_frozen(make: Callable[[], Any], field: str) -> None:
    thing = make()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(thing, field, None)
    with pytest.raises((AttributeError, TypeError)):
        thing.something_new = 1


def test_cleaner_is_immutable() -> None:
    cleaner = Cleaner()
    for name in ("_model", "_limits", "something_new"):
        with pytest.raises(AttributeError):
            setattr(cleaner, name, None)


def test_signals_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        noisefilter.clean_text(TEXT).signals.words = 1.0  # type: ignore[misc]


@every_page
def test_collections_of_articles_are_immutable_and_hashable(page: str) -> None:
    article = cleaned(page)
    assert isinstance(article.blocks, tuple)
    assert isinstance(article.authors, tuple)
    assert isinstance(article.tags, tuple)
    assert isinstance(article.flags, frozenset)
    assert isinstance(hash(article), int)


# What holds of every article.


@pytest.mark.parametrize(
    ("label", "field"),
    [(Label.TITLE, "title"), (Label.BYLINE, "authors"), (Label.TAGS, "tags"), (Label.SOURCE, "source")],
)
@pytest.mark.parametrize(
    "noise",
    [
        0.9,
        0.4,
    ],
)
def test_what_is_dropped_under_a_label_goes_into_its_field(label: Label, field: str, noise: float) -> None:
    block = Block("Lantern", Kind.PARAGRAPH, 0, label, noise, noise, False, Reason.NOISE)
    article = assemble("", (block,), Metadata(), [1.0], "default", None)
    assert getattr(article, field) in ("Lantern", ("Lantern",))


@every_page
def test_types_and_ranges(page: str) -> None:
    article = cleaned(page)
    assert 0 <= article.quality <= 1
    assert article.model == "default"
    assert article.date is None or article.date[:4].isdigit()
    assert all(type(flag) is Flag for flag in article.flags)
    for block in article.blocks:
        assert (type(block.kind), type(block.label), type(block.reason)) == (Kind, Label, Reason)
        assert (type(block.score), type(block.noise), type(block.kept)) == (float, float, bool)
        assert 0 <= block.score <= 1
        assert 0 <= block.noise <= 1
        assert block.level in range(7) if block.kind is Kind.HEADING else block.level >= 0


@pytest.mark.parametrize("page", HTML_PAGES)
def test_text_of_pages_is_the_kept_blocks(page: str) -> None:
    article = cleaned(page)
    lines = {Kind.LIST_ITEM, Kind.TABLE_ROW, Kind.CODE}
    text = ""
    previous: Kind | None = None
    for block in article.blocks:
        if block.kept:
            close = block.kind is previous and previous in lines
            text += ("" if previous is None else "\n" if close else "\n\n") + block.text
            previous = block.kind
    assert article.text == text
    assert all((block.start, block.end) == (None, None) for block in article.blocks)


@pytest.mark.parametrize("page", TEXT_PAGES)
def test_blocks_of_text_know_their_place(page: str) -> None:
    text = (PAGES / page).read_bytes().decode()
    assert [text[block.start : block.end] for block in cleaned(page).blocks] == [
        b.text for b in cleaned(page).blocks
    ]
    starts = [block.start or 0 for block in cleaned(page).blocks]
    assert starts == sorted(set(starts))


@every_page
def test_labels_of_kept_and_dropped_blocks(page: str) -> None:
    for block in cleaned(page).blocks:
        assert block.kept is (block.label is Label.CONTENT)  # no treatment keeps noise by default
        assert block.kept is (block.reason in (Reason.CONTENT, Reason.RECOVERED, Reason.BUDGET))


TEXT_CHARACTERS = "ab .\n\r\t\u00a0\u3000漢é🙂\ud800\0"
KEEP_ALL = Policy(threshold=1, removal_budget=0)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=TEXT_CHARACTERS, min_size=1, max_size=80))
@example("a\r\n\r\nb\r\n")
@example("a\ud800b\n\nc\0d")
def test_offsets_and_separators_of_any_text(text: str) -> None:
    try:
        article = noisefilter.clean_text(text, policy=KEEP_ALL)
    except noisefilter.InputError:
        return
    read = text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    position = 0
    for block in article.blocks:
        assert block.start is not None
        assert block.end is not None
        assert not read[position : block.start].strip()
        assert read[block.start : block.end] == block.text
        position = block.end
    if all(block.kept for block in article.blocks):
        assert article.text == read


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n", " \t\n"])
@pytest.mark.parametrize("between", ["\n", "\n\n", "\r\n\r\n", "\n \n", "\n\n\n\n"])
@pytest.mark.parametrize("start", ["", "\n\n", "  "])
def test_text_that_is_all_content_comes_back_as_it_was(start: str, between: str, end: str) -> None:
    text = start + between.join(SENTENCES) + end
    assert noisefilter.clean_text(text, policy=KEEP_ALL).text == text


@pytest.mark.parametrize(
    ("text", "drop", "expected"),
    [
        ("A x\n\nB y\n\nC z", "re:^B", "A x\n\nC z"),
        ("A x\nB y\nC z", "re:^B", "A x\nC z"),
        ("A x\n\nB y\nC z", "re:^B", "A x\n\nC z"),
        ("A x\nB y\n\n\nC z", "re:^B", "A x\n\n\nC z"),
        ("A x\r\n\r\nB y\r\n\r\nC z\r\n", "re:^B", "A x\r\n\r\nC z\r\n"),
        ("A x\n\nB y\n", "re:^A", "B y\n"),
        ("A x\n\nB y\n", "re:^B", "A x"),
        (" A x\n\nB y", "re:^B", " A x"),
        ("A x\n\nB y", "re:", ""),
    ],
)
def test_separators_around_dropped_blocks(text: str, drop: str, expected: str) -> None:
    assert noisefilter.clean_text(text, policy=KEEP_ALL, drop=[drop]).text == expected


def test_a_given_title_is_the_title() -> None:
    assert noisefilter.clean_text(TEXT, title="Crane Point").title == "Crane Point"


def test_a_given_address_is_the_url() -> None:
    address = "https://point.example/light"
    assert noisefilter.clean_text(TEXT, url=address).url == address
    assert noisefilter.clean(PAGE, url=address).url == address


@pytest.mark.parametrize(
    "page",
    [
        "<html><body></body></html>",
        "<html><head><title>Nothing here</title></head><body><script>load()</script></body></html>",
        "<html><body><nav><a href='/'>Home</a> <a href='/a'>Archive</a></nav></body></html>",
        "<!doctype html><p>",
    ],
)
def test_a_page_without_an_article(page: str) -> None:
    article = noisefilter.clean(page)
    assert (article.text, article.quality) == ("", 0.0)
    assert Flag.EMPTY in article.flags
    assert noisefilter.extract(page) is None
    assert (article.markdown(), article.html()) == ("", "")
    assert "".join("".join(block.text.split()) for block in article.blocks) in ("", "HomeArchive")


def test_extract_gives_what_clean_does() -> None:
    page = (PAGES / "news_de.html").read_bytes()
    article = noisefilter.clean(page)
    assert noisefilter.extract(page) == article.text
    assert noisefilter.extract(page, output_format="markdown") == article.markdown()
    assert noisefilter.extract(page, output_format="html") == article.html()
    assert json.loads(noisefilter.extract(page, output_format="json") or "") == article.to_dict()
    assert noisefilter.extract(page, favor_precision=True) == noisefilter.clean(page, policy="precision").text
    assert noisefilter.extract(page, favor_recall=True) == noisefilter.clean(page, policy="recall").text


def test_extract_with_metadata_puts_it_before_the_text() -> None:
    page = (PAGES / "news_de.html").read_bytes()
    text = noisefilter.extract(page, with_metadata=True) or ""
    title = noisefilter.clean(page).title
    assert text.startswith("---\n")
    assert f'title: "{title}"' in text.split("\n---\n")[0]
    assert text.endswith(noisefilter.clean(page).text)


def test_extract_takes_the_url_by_position() -> None:
    assert noisefilter.extract(PAGE, "https://point.example/light") == noisefilter.extract(PAGE)


@every_page
def test_to_dict_is_json(page: str) -> None:
    article = cleaned(page)
    found = json.loads(json.dumps(article.to_dict(), allow_nan=False))
    assert found == article.to_dict()
    assert found["schema"] == 1
    assert set(found) == {"schema"} | {f.name for f in dataclasses.fields(Article) if f.name[0] != "_"}
    assert len(found["blocks"]) == len(article.blocks)
    assert set(found["blocks"][0]) == {field.name for field in dataclasses.fields(Block)}


# The same answer every time.


@every_page
def test_the_same_page_gives_the_same_article(page: str) -> None:
    again = clean_file(PAGES / page)
    assert again == cleaned(page)
    assert json.dumps(again.to_dict()) == json.dumps(cleaned(page).to_dict())


def test_no_state_passes_from_call_to_call() -> None:
    cleaner = Cleaner()
    first = cleaner.clean(PAGE)
    cleaner.clean((PAGES / "news_ar.html").read_bytes(), policy="precision", drop=["re:."])
    cleaner.clean_text(TEXT, title="Another")
    assert cleaner.clean(PAGE) == first


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_a_fresh_process_gives_the_same_articles(fresh_process: FreshProcess, seed: str) -> None:
    names = ["news_en.html", "forum_en.html", "newsletter_wrapped_en.txt"]
    code = (
        "import json, pathlib, sys, noisefilter\n"
        "for path in map(pathlib.Path, sys.argv[1:]):\n"
        "    data = path.read_bytes()\n"
        "    page = path.suffix == '.html'\n"
        "    article = noisefilter.clean(data) if page else noisefilter.clean_text(data.decode())\n"
        "    print(json.dumps(article.to_dict()))\n"
    )
    printed = fresh_process(code, *(str(PAGES / name) for name in names), PYTHONHASHSEED=seed).stdout
    assert [json.loads(line) for line in printed.splitlines()] == [cleaned(name).to_dict() for name in names]


def test_threads_share_a_cleaner() -> None:
    cleaner = Cleaner()

    def work(page: str) -> Article:
        data = (PAGES / page).read_bytes()
        return cleaner.clean(data) if page.endswith(".html") else cleaner.clean_text(data.decode())

    pages = list(PAGE_NAMES) * 3
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, pages))
    assert found == [cleaned(page) for page in pages]


# The caller's own things stay as they are.


def serialised(tree: Any) -> bytes:
    return bytes(etree.tostring(tree))


@pytest.mark.parametrize("page", ["news_en.html", "press_release_fr.html"])
def test_a_tree_gives_the_same_blocks_and_is_not_changed(page: str) -> None:
    tree = html.document_fromstring((PAGES / page).read_bytes().decode())
    before, twin = serialised(tree), copy.deepcopy(tree)
    article = noisefilter.clean(tree)
    assert serialised(tree) == before == serialised(twin)
    assert [block.text for block in article.blocks] == [block.text for block in cleaned(page).blocks]
    assert article.text == cleaned(page).text
    assert noisefilter.clean(tree) == article
    assert noisefilter.clean(tree.getroottree()) == article
    assert serialised(tree) == before


def test_a_tree_of_any_kind_is_not_changed() -> None:
    source = f"<html><body><!-- c --><p>\U000f0001{SENTENCES[0]}<br/>x &amp; y</p><?pi z?>tail</body></html>"
    for tree in (etree.fromstring(source), html.fromstring(source), html.fromstring(source)[0][1]):
        before = serialised(tree)
        noisefilter.clean(tree, keep=["re:."])
        assert serialised(tree) == before


def test_bytes_of_a_caller_are_not_changed() -> None:
    data = bytearray(PAGE.encode())
    before = bytes(data)
    noisefilter.clean(data)
    assert data == before


# Pickles.


@every_page
def test_articles_can_be_pickled(page: str) -> None:
    article = cleaned(page)
    again = pickle.loads(pickle.dumps(article))
    assert again == article
    assert (again.markdown(), again.html()) == (article.markdown(), article.html())
    assert again.explain(again.blocks[0]) == article.explain(article.blocks[0])


@pytest.mark.parametrize(
    "thing",
    [
        Policy(name="recall", threshold=0.7, treatments={Label.CAPTION: Treatment.KEEP}),
        Limits(input_bytes=5),
        Flag.EMPTY,
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_settings_can_be_pickled_and_copied(thing: Any) -> None:
    for again in (pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing), copy.copy(thing)):
        assert again == thing
        assert type(again) is type(thing)


def test_cleaners_can_be_pickled_and_copied() -> None:
    cleaner = Cleaner(limits=Limits(input_bytes=10_000))
    for again in (pickle.loads(pickle.dumps(cleaner)), copy.deepcopy(cleaner)):
        assert again.clean(PAGE) == cleaner.clean(PAGE)
        with pytest.raises(noisefilter.TooLarge, match="10,000"):
            again.clean(PAGE * 100)


def test_pickles_do_not_hold_the_place_of_the_installation() -> None:
    place = str(Path(noisefilter.__file__ or "").parent).encode()
    assert place not in pickle.dumps(noisefilter.clean(PAGE))
    assert place not in pickle.dumps(Cleaner())


def test_articles_can_be_deep_copied() -> None:
    article = noisefilter.clean(PAGE)
    assert copy.deepcopy(article) == article


def test_articles_of_pages_without_text_can_be_pickled() -> None:
    article = noisefilter.clean("<html><body></body></html>")
    assert pickle.loads(pickle.dumps(article)) == article


# Explanations.


@every_page
def test_evidence_adds_up_to_the_log_odds_of_noise(page: str) -> None:
    article = cleaned(page)
    for block in article.blocks:
        evidence = article.explain(block)
        weights = [part.weight for part in evidence]
        assert [abs(weight) for weight in weights] == sorted(map(abs, weights), reverse=True)
        assert all(isinstance(part, Evidence) and part.name for part in evidence)
        assert len({part.name for part in evidence}) == len(evidence)
        total = math.fsum(weights)
        if not 1e-6 < block.noise < 1 - 1e-6:  # a float32 holds no more
            assert abs(total) > 12 and (total > 0) is (block.noise > 0.5)
            continue
        log_odds = math.log(block.noise / (1 - block.noise))
        assert total == pytest.approx(log_odds, abs=1e-2 * max(1, math.fsum(map(abs, weights)))), block.text


def test_blocks_of_another_article_are_refused() -> None:
    article = noisefilter.clean_text(TEXT)
    stranger = noisefilter.clean_text("Another text about tides and the harbour at night.").blocks[0]
    with pytest.raises(ValueError, match="not one of the article's blocks"):
        article.explain(stranger)
    with pytest.raises(ValueError, match="not one of the article's blocks"):
        article.explain(dataclasses.replace(article.blocks[0], text="changed"))


def test_blocks_are_known_by_what_they_say_too() -> None:
    article = noisefilter.clean_text(TEXT)
    twin = dataclasses.replace(article.blocks[1])
    assert article.explain(twin) == article.explain(article.blocks[1])


@pytest.mark.parametrize("first", [0, 1])
def test_equal_blocks_at_different_places_are_told_apart(first: int) -> None:
    article = noisefilter.clean_text("\n\n".join([*SENTENCES, "Share", *SENTENCES, "Share", "Share"]))
    shares = [block for block in article.blocks if block.text == "Share"]
    again = noisefilter.clean_text("\n\n".join([*SENTENCES, "Share", *SENTENCES, "Share", "Share"]))
    place = article.blocks.index(shares[first])
    assert article.explain(shares[first]) == again.explain(again.blocks[place])


# Silence and lightness.

BROKEN_PAGES = (
    "<html><body><p>One<div></p><table><td>two<p></table></body><p>three</html>four",
    "<p>" * 400 + "text" + "</div>" * 400,
    "<html><head><script type='application/ld+json'>{not json}</script>"
    "<meta property='article:published_time' content='31st of Never'></head>"
    f"<body><time datetime='0000-99-99'>x</time><p>{SENTENCES[0]}</p></body></html>",
    f"<html lang='xx-invalid-'><body><p>{SENTENCES[0]}</p>\0\ud800 &#0; &#xD800; &nosuch; <p <b <i>later",
    "<html><head><meta charset='no-such'><base href='http://[broken'>"
    "<link rel=canonical href='http://[::1'></head>"
    f"<body><a href='http://[x'>y</a><p>{SENTENCES[0]}</p></body></html>",
    f"<html><body style='x:y'><svg><p>{SENTENCES[0]}</p></svg><math><mi>x</mi></math><o:p>office</o:p>",
    "<html><body></body></html>",
    "<div>" * 3000 + "deep" + "</div>" * 3000,
)
NUMERIC = ("sklearn", "scipy", "joblib", "pandas")


@pytest.fixture(scope="module")
def report_of_broken_pages(fresh_process: FreshProcess) -> tuple[str, dict[str, Any]]:
    code = f"""
import json, sys, noisefilter
lengths = []
for page in json.loads(sys.argv[1]):
    for call in (noisefilter.clean, noisefilter.extract):
        call(page)
    article = noisefilter.clean(page.encode("utf-8", "replace"), url="not an address")
    lengths.append([len(article.explain(block)) for block in article.blocks])
noisefilter.clean_text({TEXT!r})
modules = {{name.partition(".")[0] for name in sys.modules}}
print(json.dumps({{"modules": sorted(modules), "lengths": lengths}}))
"""
    done = fresh_process(code, json.dumps(BROKEN_PAGES))
    return done.stderr, json.loads(done.stdout)


def test_broken_pages_cause_no_messages(report_of_broken_pages: tuple[str, dict[str, Any]]) -> None:
    stderr, report = report_of_broken_pages
    assert stderr == ""
    assert len(report["lengths"]) == len(BROKEN_PAGES)


@pytest.mark.parametrize("page", BROKEN_PAGES, ids=range(len(BROKEN_PAGES)))
def test_broken_pages_print_nothing(page: str, capfd: pytest.CaptureFixture[str]) -> None:
    noisefilter.clean(page)
    assert capfd.readouterr() == ("", "")


def test_cleaning_imports_no_library_of_training(report_of_broken_pages: tuple[str, dict[str, Any]]) -> None:
    assert set(NUMERIC) & set(report_of_broken_pages[1]["modules"]) == set()


def test_importing_the_package_is_light(fresh_process: FreshProcess) -> None:
    code = "import sys, noisefilter; print(*{name.partition('.')[0] for name in sys.modules})"
    done = fresh_process(code)
    assert {"numpy", "trafilatura", "lxml", "click", "rich", *NUMERIC} & set(done.stdout.split()) == set()
    assert done.stderr == ""
