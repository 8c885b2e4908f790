"""read_metadata: sources and their order, cleaning of titles and names, broken and hostile pages."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from lxml.html import HtmlElement

from noisefilter.metadata import Metadata, read_metadata
from noisefilter.metadata.jsonld import read_linked_data
from noisefilter.metadata.names import clean_authors
from noisefilter.metadata.titles import cut_site, fold, host_names, match_key

URL = "https://www.harbour-post.example/news/one"


def page(head: str = "", body: str = "<p>Text</p>", attributes: str = "") -> HtmlElement:
    return html.document_fromstring(f"<html {attributes}><head>{head}</head><body>{body}</body></html>")


def meta(**contents: str) -> str:
    return "".join(
        f'<meta property="{name.replace("__", ":")}" content="{text}">' for name, text in contents.items()
    )


def linked(*values: Any) -> str:
    scripts = (f'<script type="application/ld+json">{json.dumps(value)}</script>' for value in values)
    return "".join(scripts)


def article(**values: Any) -> str:
    return linked({"@context": "https://schema.org", "@type": "NewsArticle", **values})


def read(head: str = "", body: str = "<p>Text</p>", attributes: str = "", url: str | None = URL) -> Metadata:
    return read_metadata(page(head, body, attributes), url)


def test_bare_page_declares_nothing() -> None:
    assert read(url=None) == Metadata()


TITLES = [
    # (head, body, title)
    (article(headline="From the data") + meta(og__title="From the card"), "<h1>Shown</h1>", "From the data"),
    (meta(og__title="From the card") + "<title>From the title</title>", "", "From the card"),
    (meta(twitter__title="Short") + "<title>From the title</title>", "", "Short"),
    (
        "<title>Ferry late again | Harbour Post</title>" + meta(og__site_name="Harbour Post"),
        "",
        "Ferry late again",
    ),
    (
        "<title>Harbour Post: Ferry late again</title>" + meta(og__site_name="Harbour Post"),
        "",
        "Ferry late again",
    ),
    ("<title>Ferry late again – The Harbour Post</title>", "", "Ferry late again"),
    (
        "<title>Ferry late again - News - Harbour Post</title>",
        "<h1>Ferry late again</h1>",
        "Ferry late again",
    ),
    ("<title>Ferry late again :: Unknown Words</title>", "", "Ferry late again :: Unknown Words"),
    (
        "<title>Late ferry | The Post | All the news</title>" + meta(og__site_name="The Post | All the news"),
        "",
        "Late ferry",
    ),
    ("<title>Nord-Süd - eine Strecke</title>", "", "Nord-Süd - eine Strecke"),
    ("<title>Untitled</title>", "<h1>Ferry late</h1>", "Ferry late"),
    (meta(og__title="undefined"), "<h1>Ferry late</h1>", "Ferry late"),
    (meta(og__title="{{ page.title }}"), "<h1>Ferry late</h1>", "Ferry late"),
    (meta(og__title="Harbour Post") + "<title>Ferry late</title>", "", "Ferry late"),
    ("<title>Home | Harbour Post</title>", "", None),
    ("<title> - </title>", "", None),
    ("<title>Tea &amp;amp; cake &amp;#039;today&amp;#039;</title>", "", "Tea & cake 'today'"),
    ("<title>R&D &copy;\n  now</title>", "", "R&D © now"),
    (meta(og__title="A &lt;i&gt;fine&lt;/i&gt; day"), "", "A fine day"),
    (meta(og__title="&lt;b&gt;: The Bold element"), "", "<b>: The Bold element"),
    (meta(og__title="Worded for friends"), "<h1>What the reader sees</h1>", "What the reader sees"),
    (meta(og__title="On the card"), "<h1>One</h1><h1>Two</h1><h1>Three</h1>", "On the card"),
    ("", "<svg><title>Icon</title></svg><p>x</p>", None),
    (meta(og__title="x" * 3000), "", None),
    (linked({"@type": "Recipe", "name": "Plum cake"}), "", "Plum cake"),
    (linked({"@type": "Product", "name": "Red kettle"}), "<h1>Shop</h1>", "Red kettle"),
    (linked({"@type": "VideoObject", "name": "The video"}) + "<title>The page</title>", "", "The page"),
]


@pytest.mark.parametrize(("head", "body", "title"), TITLES)
def test_title(head: str, body: str, title: str | None) -> None:
    assert read(head, body or "<p>Text</p>").title == title


def test_invisible_characters_and_marks_of_the_extraction_are_left_out() -> None:
    tree = page(body="<h1>Ferry\u200b la\xadte</h1>")
    heading = next(tree.iter("h1"))
    heading.text = "\U000f0001" + (heading.text or "")
    assert read_metadata(tree).title == "Ferry late"


AUTHORS = [
    (["Ann Lee"], ("Ann Lee",)),
    (["By Ann Lee"], ("Ann Lee",)),
    (["von Hans Meier"], ("Hans Meier",)),
    (["von der Heide"], ("von der Heide",)),
    (["Ursula von der Leyen"], ("Ursula von der Leyen",)),
    (["Ann Lee; Bo Ek"], ("Ann Lee", "Bo Ek")),
    (["Ann Lee and Bo Ek"], ("Ann Lee", "Bo Ek")),
    (["Ann Lee & Bo Ek"], ("Ann Lee", "Bo Ek")),
    (["Ann Lee, Bo Ek und Cy Fox"], ("Ann Lee", "Bo Ek", "Cy Fox")),
    (["Ann Lee, Bo Ek, and Cy Fox"], ("Ann Lee", "Bo Ek", "Cy Fox")),
    (["Lee, Ann"], ("Lee, Ann",)),
    (["Ann Lee, Political Editor"], ("Ann Lee",)),
    (["Ann Lee, London"], ("Ann Lee",)),
    (["Department of Research and Development"], ("Department of Research and Development",)),
    (["Ann Lee und Bo Ek, dpa"], ("Ann Lee", "Bo Ek", "dpa")),
    (["Ann Lee", "ann lee", "Bo Ek"], ("Ann Lee", "Bo Ek")),
    (["https://social.example/ann", "@ann", "ann@mail.example", "null", "Admin", "", "123"], ()),
    (["Ann Lee (ann@mail.example)"], ("Ann Lee",)),
    (["Ann Lee (Reuters)"], ("Ann Lee",)),
    (["(Image: Someone/Agency)"], ()),
    (["View all posts by Ann Lee"], ("Ann Lee",)),
    (["Zeige alle Beiträge von Ann Lee"], ("Ann Lee",)),
    (["O&#039;Neill Ryan"], ("O'Neill Ryan",)),
    (["Harbour Post"], ()),
    (["Ann Lee, Harbour Post"], ("Ann Lee",)),
    (["李明、王芳"], ("李明", "王芳")),
    (["作者：李明"], ("李明",)),
    (["{{ author }}"], ()),
    (["x" * 5000], ()),
]


@pytest.mark.parametrize(("texts", "names"), AUTHORS)
def test_authors(texts: list[str], names: tuple[str, ...]) -> None:
    assert clean_authors(texts, {"harbourpost"}) == names


def test_own_name_as_host_name_stays() -> None:
    keys = host_names("annlee.example")
    assert clean_authors(["Ann Lee"], (), keys) == ("Ann Lee",)
    assert clean_authors(["annlee"], (), keys) == ()


AUTHOR_SOURCES = [
    (article(author={"@type": "Person", "name": "Ann Lee"}) + meta(author="Bo Ek"), ""),
    (article(author=[{"name": ["Ann Lee"]}, {"@type": "Person"}, None, 3]), ""),
    (article(author={"givenName": "Ann", "familyName": "Lee"}), ""),
    (
        linked({"@graph": [{"@type": "Article", "author": {"@id": "#a"}}, {"@id": "#a", "name": "Ann Lee"}]}),
        "",
    ),
    (article(author="Harbour Post", publisher={"name": "Harbour Post"}) + meta(author="Ann Lee"), ""),
    ('<meta name="Author" content="Ann Lee">', ""),
    ('<meta name="DC.creator" content="Ann Lee">', ""),
    ('<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ann Lee">', ""),
    ("", '<span itemprop="author"><b itemprop="name">Ann Lee</b>, 40</span>'),
    ("", '<div itemprop="author"><meta itemprop="name" content="Ann Lee"></div>'),
    ("", '<a rel="author nofollow" href="/a">By Ann Lee</a>'),
    ("", '<p><a rel="author">Ann Lee</a></p><aside><a rel="author">Bo Ek</a></aside>'),
]


@pytest.mark.parametrize(("head", "body"), AUTHOR_SOURCES)
def test_author_sources(head: str, body: str) -> None:
    assert read(head, body or "<p>Text</p>").authors == ("Ann Lee",)


DATES = [
    (
        article(datePublished="2024-03-14T10:00:00Z", dateModified="2024-05-01"),
        "",
        "2024-03-14T10:00:00+00:00",
    ),
    (article(dateModified="2024-05-01") + meta(article__published_time="2024-03-14"), "", "2024-03-14"),
    (article(datePublished="0001-01-01") + meta(article__published_time="2024-03-14"), "", "2024-03-14"),
    (article(datePublished={"@value": "2024-03-14"}), "", "2024-03-14"),
    (meta(article__modified_time="2024-03-14"), "", "2024-03-14"),
    ('<meta name="DC.Date" content="2024-03-14">', "", "2024-03-14"),
    ('<meta name="date" content="Updated on:">', "", None),
    ('<meta name="date" content="2112-01-01">', "", None),
    ("", '<time datetime="2024-03-14T10:00">today</time>', "2024-03-14T10:00:00"),
    (
        "",
        '<time datetime="2020-01-01">x</time><h1>Ferry</h1><time datetime="2024-03-14">x</time>',
        "2024-03-14",
    ),
    ("", '<abbr itemprop="datePublished" title="2024-03-14">Thursday</abbr>', "2024-03-14"),
    (meta(og__updated_time="2024-05-01"), '<b itemprop="datePublished">14 March 2024</b>', "2024-03-14"),
]


@pytest.mark.parametrize(("head", "body", "date"), DATES)
def test_date(head: str, body: str, date: str | None) -> None:
    assert read(head, body or "<p>Text</p>").date == date


def test_date_in_the_address_comes_before_that_of_a_change() -> None:
    head = meta(article__modified_time="2024-05-01")
    assert read(head, url="https://a.example/2024/03/14/ferry").date == "2024-03-14"


TAGS = [
    (meta(article__tag="Sea") + '<meta property="article:tag" content="Ferries">', ("Sea", "Ferries")),
    (article(keywords=["Sea", {"@type": "DefinedTerm", "name": "Ferries"}, 7]), ("Sea", "Ferries")),
    (article(keywords="Sea, ferries; SEA、Wind"), ("Sea", "ferries", "Wind")),
    (meta(news_keywords="Sea, Ferries", keywords="a, b"), ("Sea", "Ferries")),
    (meta(keywords="Sea, Ferries"), ("Sea", "Ferries")),
    (meta(keywords=",".join(f"ferry {n}" for n in range(16))), ()),
    (article(keywords=["category:travel", "26157981b4f74929adc1e860c6f03636", "#Sea", "-"]), ("Sea",)),
]


@pytest.mark.parametrize(("head", "tags"), TAGS)
def test_tags(head: str, tags: tuple[str, ...]) -> None:
    assert read(head).tags == tags


LANGUAGES = [
    ('lang="de-AT"', "", "de"),
    ('xml:lang="FR"', "", "fr"),
    ("", meta(og__locale="pt_BR"), "pt"),
    ("", '<meta http-equiv="Content-Language" content="nl, en">', "nl"),
    ("", article(inLanguage="es-MX"), "es"),
    ("", article(inLanguage={"@type": "Language", "name": "German", "alternateName": "de"}), "de"),
    ('lang="english please"', "", None),
    ('lang="utf-8"', meta(og__locale="en_US"), "en"),
    ('lang="und"', "", None),
    ('lang=""', "", None),
]


@pytest.mark.parametrize(("attributes", "head", "language"), LANGUAGES)
def test_language(attributes: str, head: str, language: str | None) -> None:
    assert read(head, attributes=attributes).language == language


ADDRESSES = [
    (URL, '<link rel="canonical" href="https://b.example/x">', URL),
    (
        None,
        '<link rel="Canonical" href="https://b.example/x">' + meta(og__url="https://c.example/"),
        "https://b.example/x",
    ),
    (None, '<link rel="canonical" href="/x">' + meta(og__url="https://c.example/"), "https://c.example/"),
    (None, '<link rel="canonical" href="http://[">', None),
    (None, '<link rel="canonical" href="javascript:alert(1)">', None),
    ("about:blank", "", None),
]


@pytest.mark.parametrize(("url", "head", "expected"), ADDRESSES)
def test_url(url: str | None, head: str, expected: str | None) -> None:
    assert read(head, url=url).url == expected


def test_site() -> None:
    assert (
        read(meta(og__site_name="Harbour Post") + article(publisher={"name": "Group"})).site == "Harbour Post"
    )
    assert read(article(publisher={"name": "Group"})).site == "Group"
    assert read(linked({"@type": "WebSite", "name": "Harbour Post"})).site == "Harbour Post"


SOURCES = [
    ('<meta name="original-source" content="https://agency.example/1">', "https://agency.example/1"),
    ('<link rel="syndication-source" href="https://agency.example/1">', "https://agency.example/1"),
    ('<meta name="syndication-source" content="https://harbour-post.example/1">', None),
    ('<meta name="syndication-source" content="https://m.harbour-post.example/1">', None),
    (article(isBasedOn="https://agency.example/1"), "https://agency.example/1"),
    (article(isBasedOn=["https://a.example/1", "https://b.example/2"]), None),
    (article(sourceOrganization={"name": "Sea Agency"}), "Sea Agency"),
    (article(sourceOrganization={"name": "Harbour Post"}), None),
    (article(sourceOrganization={"@id": "#org"}), None),
]


@pytest.mark.parametrize(("head", "source"), SOURCES)
def test_source(head: str, source: str | None) -> None:
    assert read(head).source == source


@pytest.mark.parametrize(
    ("value", "paywalled"),
    [
        (False, True),
        ("False", True),
        ("https://schema.org/False", True),
        (True, False),
        ("true", False),
        (None, False),
    ],
)
def test_paywalled(value: Any, paywalled: bool) -> None:
    assert read(article(isAccessibleForFree=value)).paywalled is paywalled


def test_paywalled_part() -> None:
    part = {"@type": "WebPageElement", "isAccessibleForFree": "False"}
    assert read(article(hasPart=[part])).paywalled
    assert not read(article(hasPart=[part], isAccessibleForFree=True)).paywalled


def test_of_several_articles_the_one_with_the_address_counts() -> None:
    head = linked(
        [
            {
                "@type": "NewsArticle",
                "headline": "Teaser",
                "url": "https://www.harbour-post.example/news/two",
            },
            {"@type": "NewsArticle", "headline": "This", "mainEntityOfPage": {"@id": URL + "?from=home"}},
        ]
    )
    assert read(head).title == "This"


def test_lists_of_other_pages_do_not_count() -> None:
    items = [{"@type": "ListItem", "item": {"@type": "Article", "headline": "Other"}}]
    assert (
        read(linked({"@type": "ItemList", "itemListElement": items}) + "<title>This</title>").title == "This"
    )


def test_nested_main_entity_and_web_page() -> None:
    head = linked(
        {
            "@type": ["WebPage", "ItemPage"],
            "name": "The page",
            "datePublished": "2024-03-14",
            "mainEntity": {
                "@type": "https://schema.org/Article",
                "headline": "The article",
                "author": "Ann Lee",
            },
        }
    )
    found = read(head)
    assert (found.title, found.authors, found.date) == ("The article", ("Ann Lee",), "2024-03-14")


ODD_SCRIPTS = [
    "",
    "   ",
    "{",
    "nonsense",
    "[[[[",
    "null",
    "3",
    '"text"',
    "[" * 100_000,
    '{"@graph":' * 5_000 + "1" + "}" * 5_000,
    "9" * 10_000,
    '{"@type": "Article", "headline": ' + "9" * 10_000 + "}",
    '{"@type": {"a": 1}, "headline": []}',
    '{"@type": "Article", "headline": {"x": [1]}, "author": [[["x"]]], "keywords": {"a": {}}}',
    '{"@type": "Article", "publisher": [null], "keywords": [[["x"]]]}',
    '{"@type": "Article", "datePublished": 20240314, "inLanguage": 3, "isAccessibleForFree": []}',
    '{"@type": "Article", "hasPart": "x"}',
    '{"@type": "Article", "author": {"@id": "#a", "x": 1}, "@id": "#a"}',
    '{"@type": "Article", "url": "http://[", "headline": "\\ud800"}',
]


@pytest.mark.parametrize("script", ODD_SCRIPTS)
def test_odd_scripts_give_nothing(script: str) -> None:
    head = f'<title>Ferry late</title><script type="application/ld+json">{script}</script>'
    found = read(head)
    assert (found.title, found.authors, found.date, found.tags) == ("Ferry late", (), None, ())


@pytest.mark.parametrize(
    "script",
    [
        '<!-- {"@type": "Article", "headline": "Data"} -->',
        '//<![CDATA[\n{"@type": "Article", "headline": "Data"}\n//]]>',
        '{"@type": "Article", "headline": "Data", "articleBody": "two\nlines"};',
    ],
)
def test_wrapped_scripts_are_read(script: str) -> None:
    assert read(f'<script type="application/ld+json; charset=utf-8">{script}</script>').title == "Data"


def test_too_large_a_script_is_skipped() -> None:
    assert read(article(headline="Data", articleBody="x" * 500_000)).title is None


def test_elements_that_are_no_page() -> None:
    assert read_metadata(html.fragment_fromstring("<p>Text</p>")) == Metadata()
    assert read_metadata(html.document_fromstring("<!-- x --><?php x ?><p>Text")) == Metadata()


def test_hostile_pages_are_quick() -> None:
    heads = (
        '<meta name="author" content="a b, ">' * 5_000,
        meta(author="x" * 100_000, og__title="- " * 50_000, keywords="a," * 50_000),
        article(headline="x | " * 400, url="http://" + "/" * 100_000 + "x"),
        article(author=["A and " * 160] * 1000),
        linked([[{"@type": "Article", "headline": str(n)} for n in range(300)]] * 30),
    )
    for head in heads:
        tree = page(head)
        start = time.perf_counter()
        read_metadata(tree, URL)
        assert time.perf_counter() - start < 0.5
    deep = html.document_fromstring("<h1>" * 200 + "Ferry", parser=html.HTMLParser(huge_tree=True))
    assert read_metadata(deep).title is not None


def test_host_names() -> None:
    assert {"thesun", "sun"} <= host_names("www.the-sun.co.uk")
    assert "orf" in host_names("orf.at")
    assert host_names("") == set()


def test_cut_site_leaves_a_title_that_is_nothing_else() -> None:
    assert cut_site("Harbour Post | Harbour Post", {"harbourpost"}, ()) == "Harbour Post"


@given(st.text())
def test_fold_is_settled_and_encodable(text: str) -> None:
    folded = fold(text)
    folded.encode()
    assert folded == " ".join(folded.split())
    assert match_key(folded) == match_key(match_key(folded))


_NAMES = st.sampled_from(
    [
        "og:title",
        "og:url",
        "og:locale",
        "og:site_name",
        "author",
        "article:tag",
        "article:published_time",
        "keywords",
        "date",
        "twitter:title",
        "twitter:label1",
        "twitter:data1",
        "original-source",
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "@type",
                    "@id",
                    "@graph",
                    "name",
                    "headline",
                    "author",
                    "publisher",
                    "datePublished",
                    "keywords",
                    "inLanguage",
                    "url",
                    "mainEntity",
                    "hasPart",
                    "mainEntityOfPage",
                    "isBasedOn",
                    "isAccessibleForFree",
                    "givenName",
                    "familyName",
                ]
            ),
            inner | st.sampled_from(["Article", "WebPage", "VideoObject", "WebSite"]),
            max_size=6,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(_NAMES, st.text(max_size=60))),
    _JSON,
    st.text(max_size=60),
    st.none() | st.text(max_size=30),
)
def test_any_soup_gives_metadata(pairs: list[tuple[str, str]], data: Any, text: str, url: str | None) -> None:
    tree = page(body="<h1>x</h1><span itemprop='author'>y</span><time datetime='z'>z</time>")
    head = tree[0]
    for name, content in pairs:
        element = html.Element("meta", name=name)
        element.set("content", "".join(filter(str.isprintable, content)))
        head.append(element)
    script = html.Element("script", type="application/ld+json")
    script.text = json.dumps(data)
    head.append(script)
    title = html.Element("title")
    title.text = "".join(filter(str.isprintable, text))
    head.append(title)
    found = read_metadata(tree, url)
    for value in (
        found.title,
        found.date,
        found.language,
        found.site,
        found.source,
        *found.authors,
        *found.tags,
    ):
        assert value is None or value.encode()


@given(st.lists(st.text(max_size=200)))
def test_any_text_gives_names(texts: list[str]) -> None:
    names = clean_authors(texts)
    assert all(name.strip() == name and name for name in names)
    assert len({match_key(name) for name in names}) == len(names)


def test_values_repeated_in_an_attribute_count_once() -> None:
    inside = "<b>x</b>" * 500
    assert read(body=f"<p itemprop='{'author ' * 200}'>Ann Lee {inside}</p>").authors == ()
    found = read(body=f"<p itemprop='{'author ' * 200}'>Ann Lee</p><p itemprop=author>Bo Ray</p>")
    assert found.authors == ("Ann Lee", "Bo Ray")


def test_one_element_may_be_author_and_date() -> None:
    found = read(
        body="<p itemprop='author datePublished'>Ann Lee</p><b itemprop=datePublished>2024-03-14</b>"
    )
    assert (found.authors, found.date) == (("Ann Lee",), "2024-03-14")


def test_headings_in_many_pieces_are_whole() -> None:
    letters = "".join(f"<span>{letter}</span>" for letter in "Ferry late " * 40)
    assert read(body=f"<h1>{letters}</h1>").title == " ".join(["Ferry late"] * 40)
    assert read("<title>Ferry</title>", body=f"<h1>{'word ' * 1000}</h1>").title == "Ferry"


def test_objects_that_refer_to_one_with_many_values() -> None:
    sites = {"@id": "sites", "@type": "Organization", "name": [f"Site {i}" for i in range(100)]}
    people = {"@id": "people", "@type": "Person", "name": [f"Ann Lee{i}" for i in range(100)]}
    node = {"@type": "WebPage", "publisher": [{"@id": "sites"}] * 100, "author": [{"@id": "people"}] * 100}
    found = read(linked({"@graph": [sites, people, *[node] * 80]}))
    assert (found.site, len(found.authors)) == ("Site 0", 30)
    data = read_linked_data([json.dumps([sites, people, *[node] * 80])])
    assert len(data.sites) == len(data.authors) == 100


def test_addresses_have_a_bound() -> None:
    long = f"https://www.harbour-post.example/{'a' * 10_000}"
    assert read(f"<link rel=canonical href='{long}'>", url=None).url is None
    assert read(f"<link rel=canonical href='{long}'>" + meta(og__url=URL), url=None).url == URL
    assert read(f"<link rel=canonical href='{URL}'>", url=long).url == URL
