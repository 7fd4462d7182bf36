"""Which task handles which topic: exactly one each, found by importing workers/tasks."""

import importlib
import pkgutil
from collections.abc import Callable
from datetime import datetime

from portal.core.outbox import Topic

Handler = Callable[[dict[str, str], datetime], None]
HANDLERS: dict[Topic, Handler] = {}


def handles(topic: Topic) -> Callable[[Handler], Handler]:
    """Register a handler. Raises ValueError when the topic has one."""

    def register(handler: Handler) -> Handler:
        if topic in HANDLERS:
            raise ValueError(f"{topic} is handled twice")
        HANDLERS[topic] = handler
        return handler

    return register


def load_handlers() -> dict[Topic, Handler]:
    """Import every module of workers/tasks and return what they registered."""
    tasks = importlib.import_module("workers.tasks")
    for module in pkgutil.iter_modules(tasks.__path__, "workers.tasks."):
        importlib.import_module(module.name)
    return HANDLERS
