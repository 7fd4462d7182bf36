"""The forms of the pool."""

import re
from typing import Any

from flask_babel import get_locale, gettext, lazy_gettext
from wtforms import SelectMultipleField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput

from portal.core import fields
from portal.core.days import day
from portal.core.fields import PortalForm, RowForm
from portal.core.words import N_
from portal.reviews.pool.disciplines import disciplines
from portal.reviews.pool.models import Reviewer
from portal.reviews.pool.particulars import Away, Particulars, Post
from portal.reviews.pool.rules import (
    DISCIPLINES_MOST,
    KEYWORD_LENGTH,
    KEYWORDS_MOST,
    LOAD,
    LOAD_MOST,
    Stratum,
)
from portal.reviews.pool.service import Expertise

BETWEEN = re.compile(r"[;；,，、\n]+")


def split(words: str) -> list[str]:
    """What stands between commas, semicolons and line breaks, each once."""
    parts = (" ".join(part.split()) for part in BETWEEN.split(words))
    return list(dict.fromkeys(part for part in parts if part))


class DisciplinesField(SelectMultipleField):
    """Codes of both levels, as boxes to tick; `data` is a list in the order of the standard."""

    data: list[str] | None
    option_widget = CheckboxInput()

    def iter_choices(self) -> Any:
        """Every discipline, in the language of the page."""
        locale, chosen = str(get_locale() or "zh"), set(self.data or ())
        for one in disciplines().values():
            yield one.code, f"{one.code} {one.named(locale)}", one.code in chosen, {}

    def pre_validate(self, form: Any) -> None:
        """Known codes only, and not too many."""
        chosen = set(self.data or ())
        if chosen - disciplines().keys():
            raise ValidationError(gettext("There is no discipline with this code."))
        if len(chosen) > DISCIPLINES_MOST:
            text = gettext("At most %(most)d disciplines, please.", most=DISCIPLINES_MOST)
            raise ValidationError(text)
        self.data = [code for code in disciplines() if code in chosen]


class WordsField(StringField):
    """Words with commas between them; `data` is a list."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Split what was typed."""
        self.data = split(valuelist[0].replace("\x00", "")) if valuelist else []

    def pre_validate(self, form: Any) -> None:
        """Few, and short."""
        if len(self.data or ()) > KEYWORDS_MOST:
            raise ValidationError(gettext("At most %(most)d keywords, please.", most=KEYWORDS_MOST))
        if any(len(word) > KEYWORD_LENGTH for word in self.data or ()):
            text = gettext("A keyword has at most %(most)d characters.", most=KEYWORD_LENGTH)
            raise ValidationError(text)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "、".join(self.data or ())


class ExpertiseForm(PortalForm):
    """What an expert knows."""

    organisation = fields.line(N_("Organisation (full name or code)"))
    stratum = fields.choice(N_("Stands for"), Stratum)
    title = fields.line(N_("Professional title"), 100, required=False)
    disciplines = DisciplinesField(lazy_gettext(N_("Disciplines (GB/T 13745)")), choices=[])
    keywords = WordsField(lazy_gettext(N_("Keywords")))
    about = fields.prose(N_("What you know best, in your own words"), 2000, required=False)
    max_load = fields.whole(N_("Bids at the same time, at most"), 1, LOAD_MOST, default=LOAD)

    @property
    def expertise(self) -> Expertise:
        """What was said."""
        return Expertise(
            stratum=self.stratum.data,
            title=self.title.data or "",
            disciplines=tuple(self.disciplines.data or ()),
            keywords=tuple(self.keywords.data or ()),
            about=self.about.data or "",
            max_load=self.max_load.data,
        )


class ProposalForm(ExpertiseForm):
    """An expert for the pool."""

    email = fields.email(N_("E-mail address"))


class PostRow(RowForm):
    """Work for an organisation."""

    organisation = fields.line(N_("Organisation"))
    position = fields.line(N_("Position"), 100, required=False)
    since = day(N_("First day"))
    until = day(N_("Last day"), required=False)


class AwayRow(RowForm):
    """Days of absence."""

    since = day(N_("First day"))
    until = day(N_("Last day"))


class ParticularsForm(ExpertiseForm):
    """All that an entry says."""

    posts = fields.rows(N_("Other and former employers"), PostRow, most=20)
    absences = fields.rows(N_("When away"), AwayRow, most=20)

    @property
    def particulars(self) -> Particulars:
        """What was said."""
        posts = (row.data for row in self.posts.filled)
        away = (row.data for row in self.absences.filled)
        return Particulars(
            organisation=self.organisation.data,
            expertise=self.expertise,
            posts=tuple(
                Post(one["organisation"], one["position"] or "", one["since"], one["until"])
                for one in posts
            ),
            absences=tuple(Away(one["since"], one["until"]) for one in away),
        )


def said_by(found: Reviewer) -> dict[str, Any]:
    """What an entry says, as the form takes it."""
    return {
        "organisation": found.organisation.name,
        "stratum": found.stratum,
        "title": found.title,
        "disciplines": found.disciplines,
        "keywords": found.keywords,
        "about": found.about,
        "max_load": found.max_load,
        "posts": [
            {
                "organisation": post.organisation_name,
                "position": post.position,
                "since": post.since,
                "until": post.until,
            }
            for post in found.employments
        ],
        "absences": [{"since": one.since, "until": one.until} for one in found.absences],
    }


class ReasonForm(PortalForm):
    """Why an expert rests or leaves."""

    reason = fields.prose(N_("Reason"), 1000, minimum=5)
