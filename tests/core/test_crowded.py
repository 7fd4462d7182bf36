"""A portal all of whose connections to the database are taken."""

from flask import Flask

from portal.app import create_app, flask_settings
from portal.config import Settings
from portal.core.db import db


def test_who_gets_no_connection_is_told_to_come_again_and_not_that_something_broke(
    app: Flask, settings: Settings
) -> None:
    engines = flask_settings(settings)["SQLALCHEMY_ENGINES"]
    narrow = engines["default"] | {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.2}
    crowded = create_app(settings, {"TESTING": False, "SQLALCHEMY_ENGINES": {"default": narrow}})
    with crowded.app_context():
        with db.engine.connect():
            answer = crowded.test_client().get("/challenges")
        db.engine.dispose()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "重复提交揭榜方案只算一次" in answer.text
