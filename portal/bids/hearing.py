"""Who hears what is said about a challenge while bids are written."""

from datetime import datetime
from uuid import UUID

from portal.bids import queries
from portal.challenges.questions import news
from portal.challenges.questions import queries as question_queries
from portal.core.db import transaction


def tell_of_answer(question_id: UUID, now: datetime) -> None:
    """Tell whoever asked, whoever follows the challenge, and the teams that write a bid; once."""
    with transaction() as session:
        question = question_queries.published(session, question_id)
        askers = question_queries.askers(session, question)
        people = question_queries.hearers(session, question)
        for bid in queries.being_written(session, question.challenge_id):
            people.update(queries.team_people(session, bid))
        news.answered(session, question, askers, people - askers)
