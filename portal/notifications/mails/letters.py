"""The texts of a mail: plain and HTML, in its receiver's language, outside any request."""

import re
from functools import lru_cache
from pathlib import Path

from flask import current_app
from flask_babel import force_locale, gettext

from portal.config import ROOT, Settings
from portal.core.links import token_of
from portal.core.web import LOCALES, translated
from portal.core.words import N_
from portal.notifications.mails.models import Mail
from portal.notifications.mails.rules import Parcel

WHY_PERSON = N_("You get this mail because you have an account with the portal.")
WHY_STRANGER = N_(
    "You get this mail because somebody entered your address."
    " If you know nothing of it, you need do nothing."
)


@lru_cache(maxsize=1)
def colours() -> dict[str, str]:
    """The colours of the pages, since a mail cannot refer to their style sheet."""
    tokens = (Path(ROOT) / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", tokens))


def language_of(mail: Mail, settings: Settings) -> str:
    """The language in which a mail is written."""
    wish = (mail.locale or settings.default_locale)[:2]
    return wish if wish in LOCALES else settings.default_locale[:2]


def link_of(mail: Mail) -> str:
    """The address in the portal to which a mail leads."""
    settings: Settings = current_app.extensions["portal_settings"]
    token = ""
    if mail.token_for is not None:
        token = token_of(str(current_app.secret_key), mail.token_purpose, mail.token_for)
    return f"{settings.base_url.rstrip('/')}{mail.url}{token}"


def parcel_of(mail: Mail) -> Parcel:
    """A mail as it is sent."""
    settings: Settings = current_app.extensions["portal_settings"]
    language = language_of(mail, settings)
    with force_locale(language):
        subject, *hints = [" ".join(translated(one).split()) for one in mail.sentences]
        values = {
            "language": "en" if language == "en" else "zh-CN",
            "portal": gettext("Jiebang"),
            "subject": subject,
            "hints": hints,
            "link": link_of(mail),
            "open": gettext("Open it in the portal"),
            "colon": gettext(": ").rstrip(),
            "why": gettext(WHY_PERSON if mail.person_id else WHY_STRANGER),
            "wish": "" if mail.person_id is None else gettext("Whether mail is sent:"),
            "wish_link": f"{settings.base_url.rstrip('/')}/account/mail",
            "colours": colours(),
        }
    text, html = (
        current_app.jinja_env.get_template(f"mails/letter.{kind}").render(values)
        for kind in ("txt", "html")
    )
    return Parcel(str(mail.id), mail.address, mail.at, subject, text, html)
