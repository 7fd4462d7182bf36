"""Compiled templates are kept for the next process, and only where nobody else can put one."""

from pathlib import Path

import pytest
from flask import Flask, render_template
from jinja2 import Environment

from portal.core.compiled import keep_compiled


def rendered(root: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    """What the page says in a new process, and the templates that had to be compiled for it."""
    app, compiled = Flask("compiled", root_path=str(root)), []
    compile_it = Environment.compile

    def note(self, source, name=None, *rest, **more):
        compiled.append(name)
        return compile_it(self, source, name, *rest, **more)

    keep_compiled(app, kept)
    with monkeypatch.context() as patch, app.app_context():
        patch.setattr(Environment, "compile", note)
        return render_template("page.html"), compiled


def test_a_template_is_compiled_once_until_it_changes(tmp_path, monkeypatch):
    page, kept = tmp_path / "templates" / "page.html", tmp_path / "var"
    page.parent.mkdir()
    page.write_text("first")
    assert rendered(tmp_path, kept, monkeypatch) == ("first", ["page.html"])
    assert rendered(tmp_path, kept, monkeypatch) == ("first", [])
    page.write_text("other")
    assert rendered(tmp_path, kept, monkeypatch) == ("other", ["page.html"])


def test_nothing_is_kept_where_others_can_write_or_nobody_can(tmp_path, monkeypatch):
    page = tmp_path / "templates" / "page.html"
    page.parent.mkdir()
    page.write_text("first")
    kept = tmp_path / "var"
    rendered(tmp_path, kept, monkeypatch)
    [place] = kept.iterdir()
    place.chmod(0o777)
    assert rendered(tmp_path, kept, monkeypatch) == ("first", ["page.html"])
    (tmp_path / "file").write_text("")
    assert rendered(tmp_path, tmp_path / "file", monkeypatch) == ("first", ["page.html"])
