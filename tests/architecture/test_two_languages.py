"""No page, paper or mail has a word in one language alone: Chinese stands in the catalogues.

`jiebang messages check`, which test_house.py runs, sees that these have all words and only English ones.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.test_house import ROOT, tracked

HAN = re.compile("[\u4e00-\u9fff]")
COMMENT = re.compile(r"\{#.*?#\}|^\s*//.*?$", re.DOTALL | re.MULTILINE)
BOTH = {
    *("layouts/plain.html", "site/away.html", "site/broken.html", "site/maintenance.html"),
    "layouts/_header.html",
}
"""Templates that say everything in both languages, or lead from one to the other."""
SHOWING = ("views", "screens", "forms", "todo", "news", "paper", "papers", "document", "letters")
FILES_OF_BOTH = {"专家导入模板", "专家库", "榜单模板.xlsx"}
"""Names of files, beside their English ones."""
CHINESE_DAY = "y年M月d日"


def test_templates_have_no_chinese_of_their_own():
    found = {}
    for path in tracked("templates/*.html", "templates/*.txt", "templates/*.typ"):
        name = str(path.relative_to(ROOT / "templates"))
        if name not in BOTH and HAN.search(COMMENT.sub("", path.read_text(encoding="utf-8"))):
            found[name] = HAN.findall(COMMENT.sub("", path.read_text(encoding="utf-8")))
    assert found == {}


def test_what_shows_pages_and_papers_has_no_chinese_of_its_own():
    paths = [path for path in tracked("portal/*.py") if path.stem in SHOWING]
    assert len(paths) > 50
    found = {word for path in paths for word in _said(path)}
    assert found - FILES_OF_BOTH - {CHINESE_DAY} == set()


def _said(path: Path) -> Iterator[str]:
    """The texts with Chinese in them, without docstrings."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            text = node.value if isinstance(node.value, str) else ""
            if HAN.search(text):
                yield text
