"""Reading an untrusted file in a process of its own: no database, no keys, little memory and time."""

import resource
import subprocess
import sys


class Broke(Exception):
    """The process that read the file died, gave up, or took too long."""


def run_apart(module: str, argument: str, data: bytes, seconds: int) -> bytes:
    """What a module of ours writes when it is run with the file as its input. Raises Broke."""
    command = [sys.executable, "-m", module, argument]
    try:
        done = subprocess.run(  # noqa: S603 - our own module; the file goes in as its input
            command, input=data, capture_output=True, timeout=seconds, check=True, env={}
        )
    except subprocess.SubprocessError as error:
        raise Broke from error
    return done.stdout


def be_modest(memory: int, seconds: int) -> None:
    """From within such a process: take at most so many bytes, and seconds of a core."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
