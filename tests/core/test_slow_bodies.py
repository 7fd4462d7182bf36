"""A body that comes in slowly holds its thread, and nothing else."""

import io

from werkzeug.test import create_environ, run_wsgi_app

from portal.app import create_app
from portal.core.db import db


class Trickle(io.RawIOBase):
    """A request's body that notes at each read how many database connections are in use."""

    def __init__(self, body: bytes, in_use) -> None:
        self._left, self._in_use, self.noted = body, in_use, []

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        self.noted.append(self._in_use())
        piece, self._left = self._left[:64], self._left[64:]
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_slow_upload_holds_no_database_connection(settings):
    app = create_app(settings, {"TESTING": True, "RATELIMIT_ENABLED": False})
    with app.app_context():
        engine = db.engine
    body = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" + b"y" * 640 + b"\r\n--x--\r\n"
    trickle = Trickle(body, lambda: engine.pool.checkedout())
    environ = create_environ("/sign-in", method="POST")
    environ["CONTENT_TYPE"] = "multipart/form-data; boundary=x"
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = trickle
    _, status, _ = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    engine.dispose()
    assert status.startswith("400")  # there is no token in it
    assert len(trickle.noted) > 5
    assert set(trickle.noted) == {0}
