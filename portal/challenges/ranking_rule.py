"""The words of a published ranking rule: what a bid's score is, what tells equals apart, and what
happens when reviewers are far from each other."""

from portal.core.words import N_, Worded


class ScoreRule(Worded):
    """What a bid's score is made of."""

    MEAN = "mean", N_("The mean of all sheets")
    TRIMMED = "trimmed", N_("The mean without one highest and one lowest")


class TieBreak(Worded):
    """What tells two bids with the same score apart."""

    NONE = "none", N_("Nothing more")
    CRITERION_1 = "criterion_1", N_("The score of the first criterion")
    CRITERION_2 = "criterion_2", N_("The score of the second criterion")
    CRITERION_3 = "criterion_3", N_("The score of the third criterion")
    CRITERION_4 = "criterion_4", N_("The score of the fourth criterion")
    CRITERION_5 = "criterion_5", N_("The score of the fifth criterion")
    CRITERION_6 = "criterion_6", N_("The score of the sixth criterion")
    VOTES = "votes", N_("The votes in favour")
    ALL = "all", N_("The mean of all sheets")

    @property
    def criterion(self) -> int | None:
        """The place in the rubric, from 0, of the criterion that decides."""
        head, _, number = self.value.partition("_")
        return int(number) - 1 if head == "criterion" else None


class OnDisagreement(Worded):
    """What happens when the sheets of a bid are far apart."""

    NOTE = "note", N_("It is marked for the officer")
    REASONS = "reasons", N_("The reviewers concerned are asked for their reasons")
    DISCUSSION = "discussion", N_("The reviewers discuss without names")
    THIRD = "third", N_("A further reviewer is asked, in the order of the draw")
