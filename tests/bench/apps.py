"""What the portal is measured against: a bare hello, and the same rows in a bare table."""

import os

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy import create_engine, select
from sqlalchemy.orm import sessionmaker

from portal.challenges.models import Challenge

TABLE = """<!doctype html><title>list</title><table>
{% for row in rows %}
<tr><td>{{ row.code }}</td><td>{{ row.title }}</td>
<td>{{ row.scenario_site }}</td><td>{{ row.closes_at }}</td></tr>
{% endfor %}</table>"""


def create_hello() -> Flask:
    """The least that Flask can do."""
    app = Flask("hello")
    app.get("/")(lambda: "hello")
    return app


def create_bare() -> Flask:
    """Twenty challenges by SQLAlchemy in a bare Jinja table."""
    app = Flask("bare")
    app.jinja_loader = DictLoader({"table.html": TABLE})
    sessions = sessionmaker(create_engine(os.environ["DATABASE_URL"], pool_size=8))
    columns = Challenge.code, Challenge.title, Challenge.scenario_site, Challenge.closes_at
    query = select(*columns).order_by(Challenge.published_at.desc(), Challenge.id.desc()).limit(20)

    @app.get("/")
    def table() -> str:
        with sessions() as session:
            return render_template("table.html", rows=session.execute(query).all())

    return app
