"""Threads and processes that clean at once give the answers of one alone."""

import json
import multiprocessing
import pickle
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from conftest import FreshProcess
from known_misses import PAGES

import noisefilter
from noisefilter import Cleaner
from noisefilter.blocks import page as block_page
from noisefilter.extraction import conditions
from noisefilter.features.markup_tokens import _attribute_keys, _href_keys, _trail_keys

THREADS = 16
SOURCES = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(PAGES.glob("*.html"))]


def answer(cleaner: Cleaner, number: int) -> str:
    """What comes of one of many different calls."""
    source = SOURCES[number % len(SOURCES)]
    policy = ("balanced", "precision", "recall")[number % 3]
    keep, drop = (("caption",), ("re:[Ss]hare",)) if number % 4 == 0 else ((), ())
    try:
        if number % 7 == 0:
            return cleaner.clean("").text
        if number % 5 == 0:
            text = cleaner.clean(source).text
            return json.dumps(cleaner.clean_text(text, policy=policy, keep=keep, drop=drop).to_dict())
        if number % 11 == 0:
            return str(cleaner.extract(source, with_metadata=True, output_format="markdown"))
        article = cleaner.clean(source, policy=policy, keep=keep, drop=drop)
    except noisefilter.NoiseFilterError as error:
        return repr(error)
    evidence = [article.explain(block) for block in article.blocks[:3]]
    return json.dumps(article.to_dict()) + repr(evidence) + article.html() + article.markdown()


def default_answer(number: int) -> str:
    """The same, in a process of its own."""
    return answer(Cleaner(), number)


ALONE = [answer(Cleaner(), number) for number in range(48)]


def test_sixteen_threads_with_one_cleaner() -> None:
    cleaner = Cleaner()
    start = threading.Barrier(THREADS)

    def all_answers(first: int) -> list[str]:
        start.wait()
        numbers = [(first + number) % 48 for number in range(48)]
        answers = {number: answer(cleaner, number) for number in numbers}
        return [answers[number] for number in range(48)]

    with ThreadPoolExecutor(THREADS) as threads:
        for answers in threads.map(all_answers, range(0, 3 * THREADS, 3)):
            assert answers == ALONE


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes(method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as processes:
        assert list(processes.map(default_answer, range(24))) == ALONE[:24]


def test_a_cleaner_and_an_article_can_be_sent() -> None:
    cleaner = pickle.loads(pickle.dumps(Cleaner()))
    assert answer(cleaner, 1) == ALONE[1]
    article = cleaner.clean(SOURCES[0])
    copied = pickle.loads(pickle.dumps(article))
    assert copied == article
    assert copied.explain(copied.blocks[0]) == article.explain(article.blocks[0])


def test_the_very_first_calls_at_once(fresh_process: FreshProcess) -> None:
    """Nothing is loaded yet when sixteen threads ask for it."""
    path = sorted(PAGES.glob("*.html"))[0]
    code = f"""
import threading, noisefilter, sys
source = open({str(path)!r}, encoding="utf-8").read()
start, texts = threading.Barrier({THREADS}), []
def run():
    start.wait()
    texts.append(noisefilter.clean(source).text)
sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=run) for _ in range({THREADS})]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(texts), len(set(texts)), len(texts[0]))
"""
    expected = len(noisefilter.clean(path.read_text(encoding="utf-8")).text)
    assert fresh_process(code).stdout.split() == [str(THREADS), "1", str(expected)]


def test_what_pages_make_up_does_not_gather() -> None:
    """Names, classes, addresses and charsets that come once each do not fill the memory."""
    for first in range(0, 20_000, 400):
        parts = "".join(
            f'<x{i} class="c{i} {"d" * 300}{i}" style="left:{i}px">'
            f'<a href="http://h{i}.example/p{i}">T {i}</a></x{i}>'
            for i in range(first, first + 400)
        )
        noisefilter.clean(f'<meta charset="c{first}"><title>{first}</title><div>{parts}</div>'.encode())
    assert len(block_page._ROLES) <= block_page._MAX_ROLES
    for cache in (_attribute_keys, _href_keys, _trail_keys):
        info = cache.cache_info()
        assert info.maxsize is not None and info.currsize <= info.maxsize
    for remembered in _answers():
        assert len(remembered) <= conditions._MAX_REMEMBERED
        assert all(len(str(value)) <= conditions._MAX_CHARS for value in remembered)


def _answers() -> list[conditions._Answers]:
    import gc

    found = [one for one in gc.get_objects() if isinstance(one, conditions._Answers)]
    assert found or sys.version_info < (3, 11)
    return found
