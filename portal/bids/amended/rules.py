"""When a bid that was handed in has to be looked at again."""

from portal.bids.rules import BidState


def awaits_word(state: BidState, amended: int, answers: int, acknowledged: int) -> bool:
    """Whether the challenge was amended after the bid was handed in and nobody has said a word.

    Three numbers of amendments: the last in force, the last that was in force at the submission,
    the last to which the team has said that its bid stays.
    """
    return state is BidState.SUBMITTED and amended > max(answers, acknowledged)
