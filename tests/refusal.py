"""An act that must be refused: what a test has made is committed first, since a refusal rolls back."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from portal.core.db import db
from portal.core.errors import DomainError

E = TypeVar("E", bound=DomainError)


def refused(error: type[E], act: Callable[..., Any], *facts: Any) -> E:
    """Call `act`, expect `error`, and return it."""
    db.session.commit()
    with pytest.raises(error) as refusal:
        act(*facts)
    return refusal.value
