"""The forms of a panel; shape only, rules decide."""

from flask_babel import lazy_gettext
from wtforms import RadioField

from portal.core import fields
from portal.core.fields import PortalForm, choices
from portal.core.words import N_
from portal.reviews.panels.planning import Day
from portal.reviews.panels.rules import Answer, Vote

SAID = [Answer.COMING, Answer.NOT_COMING]


class DayForm(PortalForm):
    """Where and when it is held, and the minutes of a turn."""

    begins_at = fields.moment(N_("Begins"))
    venue = fields.line(N_("Venue"), required=False)
    link = fields.line(N_("Link of the video meeting"), 400, required=False)
    talk = fields.whole(N_("Minutes to present"), 1, 120)
    questions = fields.whole(N_("Minutes for questions"), 0, 120)
    judging = fields.whole(N_("Minutes to judge"), 0, 60)
    pause = fields.whole(N_("Minutes between two teams"), 0, 120)

    def day(self) -> Day:
        """What was typed."""
        return Day(
            place=self.venue.data or "",
            link=self.link.data or "",
            begins_at=self.begins_at.data,
            talk=self.talk.data,
            questions=self.questions.data,
            judging=self.judging.data,
            pause=self.pause.data,
        )


class ReasonForm(PortalForm):
    """Why a panel is called off, or why a member leaves."""

    reason = fields.prose(N_("Reason"), 1000)


class MoveForm(PortalForm):
    """Another place for a team, counted from 1, and why."""

    number = fields.whole(N_("New place"), 1, 99)
    reason = fields.line(N_("Reason"), 400)


class NoteForm(PortalForm):
    """What was asked, and what the team answered."""

    question = fields.prose(N_("Question"), 2000)
    answer = fields.prose(N_("The team's answer"), 4000, required=False)


class AnswerForm(PortalForm):
    """Whether a team comes, and who."""

    answer = RadioField(
        lazy_gettext(N_("Does your team come?")),
        [fields.Needed()],
        choices=choices(SAID),
        coerce=Answer,
    )
    words = fields.prose(N_("Who comes, or why nobody does"), 1000, required=False)


class VoteForm(PortalForm):
    """A ballot."""

    vote = RadioField(
        lazy_gettext(N_("Your ballot")), [fields.Needed()], choices=choices(Vote), coerce=Vote
    )
