"""The house keeps its own rules: marks, lifecycles, handlers, migrations, words, sizes, linters."""

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine

from portal.awards.objections.rules import OBJECTION_MOVES
from portal.awards.rules import NOTICE_MOVES
from portal.bids.gathering.rules import GATHERING_MOVES
from portal.bids.likeness.rules import PAIR_MOVES
from portal.bids.losses.rules import LOSS_MOVES
from portal.bids.rules import BID_MOVES, PARTNER_MOVES
from portal.bids.teams.rules import INVITATION_MOVES
from portal.challenges.amendments.rules import AMENDMENT_MOVES
from portal.challenges.keys.rules import KEY_MOVES, SHARE_MOVES
from portal.challenges.needs.rules import NEED_MOVES, OPINION_MOVES
from portal.challenges.questions.rules import QUESTION_MOVES
from portal.challenges.rules import CHALLENGE_MOVES
from portal.cli.database import alembic_config
from portal.cli.diagrams import TARGET, document
from portal.cli.messages import problems
from portal.core.errors import IllegalMove
from portal.core.jobs import JOB_MOVES
from portal.core.outbox import Topic
from portal.core.web import access_of
from portal.notifications.mails.rules import MAIL_MOVES
from portal.projects.funds.rules import TRANCHE_MOVES
from portal.projects.milestones.rules import MILESTONE_MOVES
from portal.projects.rules import PROJECT_MOVES
from portal.reviews.draws.rules import DRAW_MOVES
from portal.reviews.pool.rules import POOL_MOVES
from portal.reviews.rounds.rules import ROUND_MOVES, SEAT_MOVES
from portal.reviews.sheets.rules import SHEET_MOVES
from workers.handlers import load_handlers

ROOT = Path(__file__).resolve().parent.parent.parent
LIFECYCLES = [
    NEED_MOVES,
    OPINION_MOVES,
    CHALLENGE_MOVES,
    KEY_MOVES,
    SHARE_MOVES,
    QUESTION_MOVES,
    AMENDMENT_MOVES,
    GATHERING_MOVES,
    LOSS_MOVES,
    BID_MOVES,
    PARTNER_MOVES,
    INVITATION_MOVES,
    POOL_MOVES,
    DRAW_MOVES,
    ROUND_MOVES,
    SEAT_MOVES,
    SHEET_MOVES,
    NOTICE_MOVES,
    OBJECTION_MOVES,
    PROJECT_MOVES,
    MILESTONE_MOVES,
    TRANCHE_MOVES,
    JOB_MOVES,
    MAIL_MOVES,
    PAIR_MOVES,
]


def tracked(*patterns: str) -> list[Path]:
    command = ["git", "ls-files", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\n") if name and (ROOT / name).exists()]


def test_every_endpoint_says_who_may_reach_it(app):
    unmarked = [name for name, view in app.view_functions.items() if access_of(view) is None]
    assert unmarked == []


def test_an_unmarked_endpoint_is_refused(app, client):
    name = "house.unmarked"
    app.view_functions[name] = lambda: "reached"
    rule = app.url_rule_class("/unmarked", endpoint=name)
    app.url_map.add(rule)
    try:
        answer = client.get("/unmarked")
        assert answer.status_code == 403
        assert "reached" not in answer.text
    finally:
        del app.view_functions[name]


@pytest.mark.parametrize("moves", LIFECYCLES, ids=lambda moves: moves.name)
def test_every_pair_of_states_is_in_the_table_or_refused(moves):
    class Thing:
        state = moves.initial

    states = list(type(moves.initial))
    edges = {(move.state, move.next) for move in moves}
    actions = {move.action for move in moves}
    for start, end in itertools.product(states, states):
        reached = set()
        for action in actions:
            thing = Thing()
            thing.state = start
            try:
                moves.move(thing, action)
            except IllegalMove:
                assert thing.state is start
            else:
                reached.add(thing.state)
        assert (end in reached) == ((start, end) in edges)
    seen = {moves.initial} | {end for _, end in edges}
    assert seen == set(states), "a state that nothing leads to"


def test_no_state_is_assigned_outside_the_lifecycle_table():
    wrong = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in tracked("portal/*.py", "workers/*.py")
        if path.name != "states.py"
        for line in path.read_text().splitlines()
        if re.search(r"\.state = ", line)
    ]
    assert wrong == []


def test_only_one_place_commits():
    places = [
        str(path.relative_to(ROOT))
        for path in tracked("portal/*.py", "workers/*.py")
        if re.search(r"session\.commit\(", path.read_text())
    ]
    assert places == ["portal/core/db.py"]


def test_models_equal_migrations(settings):
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        command.check(alembic_config(connection))
    engine.dispose()


def test_the_chinese_catalogue_is_complete_and_has_nothing_unused():
    assert problems("zh") == []


def test_no_file_is_too_long():
    files = tracked("portal/*.py", "workers/*.py", "tests/*.py", "templates/*", "static/css/*")
    long = {str(path): n for path in files if (n := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_raw_colours_stand_only_among_the_tokens():
    wrong = [
        str(path)
        for path in tracked("static/css/*.css", "templates/*.html")
        if path.name != "tokens.css" and re.search(r"#[0-9a-fA-F]{6}\b|rgb\(", path.read_text())
    ]
    assert wrong == []


LINTERS = {
    "ruff": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "imports": ["lint-imports"],
    "djlint": ["djlint", "templates", "--lint"],
}


@pytest.mark.parametrize("name", LINTERS)
@pytest.mark.xdist_group("linters")
def test_linter(name):
    tool, *arguments = LINTERS[name]
    program = Path(sys.executable).parent / tool
    done = subprocess.run(
        [str(program), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.xdist_group("linters")
def test_what_belongs_together_runs_in_one_process(request, worker_id):
    """A pytest whose tests do not tell their group starts what a group shares once a process."""
    assert worker_id == "master" or request.node.nodeid.endswith("@linters")


def test_every_topic_has_its_handler():
    assert set(load_handlers()) == set(Topic)


def test_the_lifecycle_diagrams_are_those_of_the_tables():
    assert TARGET.read_text() == document()


def test_every_template_compiles(app):
    names = app.jinja_env.list_templates(extensions=["html"])
    assert len(names) > 50
    for name in names:
        app.jinja_env.get_template(name)
