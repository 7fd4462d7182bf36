"""Draws for tests: one that is made, without the way to it; and those who are present at one."""

import secrets
from datetime import datetime

from flask import current_app

from portal.accounts.queries import actor_of
from portal.audit import checkpoints
from portal.audit.rules import Occasion
from portal.challenges.models import Challenge
from portal.core import clock
from portal.core.access import Actor, Role
from portal.core.db import db
from portal.core.signing import Signer
from portal.reviews.draws import eligible, giving, rules
from portal.reviews.draws.freezing import Plan, freeze
from portal.reviews.draws.models import Draw
from portal.reviews.draws.rules import DrawState, SourceKind
from tests.factories.accounts import make_organisation, make_person
from tests.factories.awards import officer_of

PHRASES = ("京西昨夜一场雨,石景山上看云", "永定河水向东流,首钢园里灯")


def make_drawn(challenge: Challenge) -> Draw:
    """The draw of a challenge from the pool as it is, as if two people had given phrases."""
    now = clock.now(db.session)
    secret, salt = secrets.token_bytes(32), secrets.token_bytes(32)
    found = eligible.experts(db.session, challenge, now)
    pool = eligible.pool_of(challenge, 1, salt, found, ())
    sources = [["phrase", "auditor", PHRASES[0]], ["phrase", "bidder", PHRASES[1]]]
    hashed = rules.pool_hash(pool)
    seed = rules.seed_of(challenge.id, 1, hashed, secret, sources)
    strata = {name: [row[0] for row in rows] for name, rows in pool["strata"].items()}
    made = Draw(
        challenge=challenge,
        number=1,
        state=DrawState.DRAWN,
        commitment=rules.commitment(secret),
        committed_at=now,
        pool=pool,
        pool_hash=hashed,
        frozen_at=now,
        named=["phrase"],
        outcome={
            "secret": secret.hex(),
            "sources": sources,
            "seed": seed.hex(),
            "orders": rules.orders_of(seed, strata),
        },
        drawn_at=now,
    )
    made.secret, made.salt = secret.hex(), salt.hex()
    db.session.add(made)
    db.session.flush()
    return made


def make_present(count: int = 2) -> list[Actor]:
    """Auditors of as many organisations, who can be present at any draw."""
    people = [make_person(Role.AUDITOR, organisation=make_organisation()) for _ in range(count)]
    return [actor_of(one) for one in people]


def sealed(now: datetime) -> None:
    """A checkpoint that everybody sees."""
    signer: Signer = current_app.extensions["portal_signer"]
    checkpoints.make(signer, Occasion.DRAW, now)


def make_frozen(challenge: Challenge, present: list[Actor], now: datetime) -> Draw:
    """A draw whose pool is frozen, with phrases to be given, under a public checkpoint."""
    db.session.commit()
    plan = Plan(SourceKind.PHRASES, [one.user_id for one in present])
    draw = freeze(officer_of(challenge), challenge.id, plan, now)
    sealed(now)
    return draw


def give(challenge: Challenge, present: list[Actor], now: datetime) -> Draw:
    """All hand in a fingerprint, then all show their phrase."""
    for one, phrase in zip(present, PHRASES, strict=False):
        giving.bind(one, challenge.id, phrase, "", now)
    sealed(now)
    for one, phrase in zip(present, PHRASES, strict=False):
        draw = giving.show(one, challenge.id, phrase, now)
    return draw
