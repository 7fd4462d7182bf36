"""A draw from before there were secrets comes into the new tables as it was made, and back."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from alembic import command
from sqlalchemy import create_engine, text

from portal.cli.database import MIGRATIONS, alembic_config

AFTER = next(MIGRATIONS.glob("versions/*_draws.py")).name.split("_")[0]
OLD = text("SELECT seed, draw FROM rounds")
NEW = text("SELECT number, state, locked_secret, pool, outcome FROM draws")


def old_draw(people: list[UUID], homes: list[UUID]) -> dict[str, Any]:
    rows = zip(people, homes, strict=True)
    return {
        "pool": [[str(person), str(home), "technical"] for person, home in rows],
        "excluded": [[str(people[0]), "works for the issuing body"]],
        "order": [str(people[2]), str(people[1])],
    }


def test_an_old_draw_stays_readable(new_database: Callable[[str], str], worker_id: str) -> None:
    people, homes = [uuid4() for _ in range(3)], [uuid4() for _ in range(3)]
    draw = old_draw(people, homes)
    engine = create_engine(new_database(f"draws_{worker_id}"))
    with engine.connect() as connection:
        command.downgrade(alembic_config(connection), AFTER)
        command.downgrade(alembic_config(connection), "-1")
        # A round alone, without all that it hangs on.
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(
            text(
                "INSERT INTO rounds (id, challenge_id, number, state, seats_wanted, seed, draw,"
                " started_by, started_at, sheets_due_at) VALUES (gen_random_uuid(),"
                " gen_random_uuid(), 1, 'scoring', 2, 'seed', CAST(:draw AS jsonb),"
                " gen_random_uuid(), now(), now())"
            ),
            {"draw": json.dumps(draw)},
        )
        connection.commit()
        command.upgrade(alembic_config(connection), AFTER)
        number, state, secret, pool, outcome = connection.execute(NEW).one()
        assert (number, state, secret) == (1, "drawn", None)
        assert outcome == {"seed": "seed", "orders": {"technical": draw["order"]}}
        assert pool["strata"]["technical"] == [row[:2] for row in draw["pool"]]
        assert pool["mix"] == {"technical": 2}
        command.downgrade(alembic_config(connection), "-1")
        assert tuple(connection.execute(OLD).one()) == ("seed", draw)
    engine.dispose()
