"""What the library does beside computing: it reads its own files, and that is all."""

from pathlib import Path

import pytest
from conftest import FreshProcess

PAGES = [str(path) for path in sorted((Path(__file__).parents[1] / "seeds" / "pages").glob("*.html"))]
WATCHED = """
import sys

PATHS = sys.argv[1:]
SEEN = []
NEVER = ("pickle.", "socket.", "subprocess.", "urllib.", "http.", "ftplib.", "smtplib.")
NEVER_EITHER = ("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.remove", "os.rename", "os.mkdir")
ONLY_AT_FIRST = ("open", "import", "exec", "compile", "marshal.loads")
state = {"warm": False}

def watch(event, arguments):
    wrong = event.startswith(NEVER) or event in NEVER_EITHER
    if event == "open":
        _, mode, flags = arguments
        wrong = bool(set(mode or "") & set("wax+")) or bool((flags or 0) & 3)
    wrong = wrong or (state["warm"] and event in ONLY_AT_FIRST)
    if wrong:
        SEEN.append(event)

sys.addaudithook(watch)
import noisefilter

def everything(pages):
    for data in pages:
        article = noisefilter.clean(data, url="https://a.example/b")
        noisefilter.clean_text(article.text or "One line.")
        noisefilter.extract(data, with_metadata=True)
        for block in article.blocks[:5]:
            article.explain(block)
        article.html(), article.markdown(), article.to_dict()

pages = []
for path in PATHS:
    with open(path, "rb") as file:
        pages.append(file.read())
everything(pages)
state["warm"] = True
everything(pages)
"""
TELLING = """
state["warm"] = False
print(*SEEN)
"""


def test_nothing_is_unpickled_fetched_written_or_run(fresh_process: FreshProcess) -> None:
    """From the first call on, the loading of the model included; later calls read no file either."""
    assert fresh_process(WATCHED + TELLING, *PAGES[:8]).stdout.strip() == ""


@pytest.mark.parametrize(
    ("planted", "event"),
    [
        ("import pickle; pickle.loads(pickle.dumps(noisefilter.Limits))", "pickle.find_class"),
        ("import socket; socket.socket()", "socket.__new__"),
        ("open('/dev/null', 'w')", "open"),
        ("import subprocess; subprocess.run([sys.executable, '-V'])", "subprocess.Popen"),
        ("open(noisefilter.__file__)", "open"),
        ("exec('1')", "exec"),
    ],
)
def test_it_would_be_seen(fresh_process: FreshProcess, planted: str, event: str) -> None:
    assert event in fresh_process(WATCHED + planted + TELLING, PAGES[0]).stdout.split()
