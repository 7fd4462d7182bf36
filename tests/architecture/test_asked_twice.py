"""What takes something away is asked twice, or wants a typed reason; never one press of a button."""

import re

from tests.architecture.test_styles import templates

ASKED_TWICE = {
    "amending.remove",
    "amendments.drop",
    "awards.confirm",
    "awards.publish",
    "bids.submit",
    "bids.withdraw",
    "changes.withdraw",
    "conflicts.take_back",
    "editor.remove",
    "factor.confirm_reset",
    "finding.drop",
    "gathering.cancel",
    "jobs.cancel",
    "losses.confirm",
    "questions.withdraw",
    "sections.detach",
    "teams.release_person",
    "teams.take_off",
    "teams.withdraw_invitation",
}


def test_what_takes_away_is_asked_twice():
    text = templates()
    asked = set(re.findall(r"confirm\(url_for\([\"']([\w.]+)", text))
    at_once = set(re.findall(r"post_button\(url_for\([\"']([\w.]+)", text))
    assert ASKED_TWICE - asked == set()
    assert ASKED_TWICE & at_once == set()
