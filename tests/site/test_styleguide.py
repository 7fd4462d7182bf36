"""The page of the look: every component in both languages, and not in production."""

from dataclasses import replace

from portal.config import ROOT
from portal.site.styleguide import tokens


def test_every_component_stands_on_the_page_in_both_languages(app, client, settings):
    for language, title in (("zh", "样式指南"), ("en", "Style guide")):
        answer = client.get(f"/styleguide?lang={language}")
        assert (
            answer.status_code,
            f'<h1 class="page-header__title">{title}</h1>' in answer.text,
        ) == (200, True)
        assert tokens()["colours"]["vermilion"] in answer.text
    app.extensions["portal_settings"] = replace(settings, environment="production")
    try:
        assert client.get("/styleguide").status_code == 404
    finally:
        app.extensions["portal_settings"] = settings


def test_no_component_is_left_out():
    page = (ROOT / "templates/site/styleguide.html").read_text()
    inside = {
        "radio_group",
        "checkbox_group",
        "rows_editor",
        "both_texts",
        "difference",
        "post_button",
    }
    made = {path.stem for path in (ROOT / "templates/components").glob("*.html")}
    missing = [name for name in made - inside if f"components/{name}.html" not in page]
    assert missing == [], "show it, or say that it needs a form or rows of its own"
