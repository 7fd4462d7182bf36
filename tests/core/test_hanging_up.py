"""The web server's own class of worker, with an app that is not the portal."""

import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import psutil

from portal.cli.serve import free_port
from tests.waiting import is_alive, until

SILENT = THREADS = 20
GRACE = 60
"""Seconds that gunicorn would wait for connections on which nothing comes."""


def test_who_says_nothing_has_no_thread_and_keeps_nobody_from_stopping() -> None:
    port = free_port()
    address, threads, grace = f"127.0.0.1:{port}", f"--threads={THREADS}", f"{GRACE}"
    program = Path(sys.executable).parent / "gunicorn"
    options = ["--worker-class=portal.core.hanging_up.Worker", "--keep-alive=50", threads]
    options += [f"--bind={address}", f"--graceful-timeout={grace}", "--no-control-socket"]
    server = subprocess.Popen([program, *options, "wsgiref.simple_server:demo_app"])
    try:
        until(lambda: is_alive(f"http://{address}"), "gunicorn answers")
        with ExitStack() as silent:
            for _ in range(SILENT):
                silent.enter_context(socket.create_connection(("127.0.0.1", port)))
            assert is_alive(f"http://{address}")
            [worker] = psutil.Process(server.pid).children()
            assert worker.num_threads() < THREADS
            server.terminate()
            server.wait(GRACE / 2)
    finally:
        server.kill()
        server.wait()
