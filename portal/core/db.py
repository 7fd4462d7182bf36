"""The database: typed base, the one transaction, and column kinds that every feature shares."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from errno import EDQUOT, ENOSPC
from inspect import iscoroutinefunction
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4

from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from psycopg.errors import DiskFull
from sqlalchemy import BigInteger, DateTime, Enum, MetaData, Numeric, String, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from portal.core.errors import NoRoom
from portal.core.failpoints import reach
from portal.core.words import Worded

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Key = Annotated[UUID, mapped_column(Uuid, primary_key=True, default=uuid4)]
Yuan = Annotated[Decimal, mapped_column(Numeric(16, 2))]
Quantity = Annotated[Decimal, mapped_column(Numeric(20, 6))]
Name = Annotated[str, mapped_column(String(200))]
Prose = Annotated[str, mapped_column(Text)]
Json = dict[str, Any]


class Base(DeclarativeBase):
    """Every table of the portal."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        datetime: DateTime(timezone=True),
        UUID: Uuid,
        Json: JSONB,
        list[str]: JSONB,
        int: BigInteger,
    }


W = TypeVar("W", bound=Worded)


def worded(kind: type[W], name: str) -> Enum:
    """A column type for a Worded enum: its values as text, checked by the database as `name`."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


db = SQLAlchemy(engine_options={"pool_pre_ping": True})


def install(app: Flask) -> None:
    """Give an app its database, without the teardown of async sessions, which would start an
    event loop in every request for sessions that the portal does not have."""
    db.init_app(app)
    app.teardown_appcontext_funcs = [
        close for close in app.teardown_appcontext_funcs if not iscoroutinefunction(close)
    ]


def is_full(error: BaseException) -> bool:
    """Whether an error says that a disc is full: the store's, or the database's."""
    if isinstance(error, OperationalError):
        return isinstance(error.orig, DiskFull)
    return isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT)


BeforeCommit = Callable[[Session], None]
before_commit: ContextVar[BeforeCommit | None] = ContextVar("before_commit", default=None)


@contextmanager
def transaction() -> Iterator[Session]:
    """The one place that commits. Rolls back on any error; raises NoRoom when a disc is full, and
    RuntimeError when nested."""
    session = db.session
    if session.info.get("in_transaction"):
        raise RuntimeError("transactions do not nest: helpers take the session")
    session.info["in_transaction"] = True
    try:
        yield session
        hook = before_commit.get()
        if hook is not None:
            session.flush()
            hook(session)
        reach("pre_commit")
        session.commit()
        reach("post_commit")
    except BaseException as error:
        session.rollback()
        if is_full(error):
            raise NoRoom from error
        raise
    finally:
        session.info["in_transaction"] = False
