"""The outbox of e-mail, and whether somebody wants it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

STATES = ("waiting", "sent", "kept", "given_up")


def upgrade() -> None:
    """Make the table; everybody with an account gets mail until they say no."""
    op.add_column(
        "people", sa.Column("wants_mail", sa.Boolean(), server_default="true", nullable=False)
    )
    op.add_column("people", sa.Column("mail_locale", sa.String(length=20), nullable=True))
    _mails()
    op.create_index("ix_mails_newest", "mails", ["at", "id"], unique=False)
    waiting, stranger = sa.text("state = 'waiting'"), sa.text("person_id IS NULL")
    op.create_index("ix_mails_due", "mails", ["due_at", "id"], postgresql_where=waiting)
    op.create_index("ix_mails_asked_by", "mails", ["asked_by", "at"], postgresql_where=stranger)


def _person(column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_mails_{column}_people")
    return sa.ForeignKeyConstraint([column], ["people.id"], name=name, ondelete="CASCADE")


def _moment(column: str, default: str) -> sa.Column[object]:
    kind = sa.DateTime(timezone=True)
    return sa.Column(column, kind, server_default=sa.text(default), nullable=False)


def _text(column: str, length: int) -> sa.Column[object]:
    return sa.Column(column, sa.String(length=length), server_default="", nullable=False)


def _mails() -> None:
    state = sa.Enum(
        *STATES, name="mail_state", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("locale", sa.String(length=20), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=False),
        _text("hint", 300),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("token_for", sa.Uuid(), nullable=True),
        _text("token_purpose", 40),
        sa.Column("state", state, server_default="waiting", nullable=False),
        _moment("at", "portal_now()"),
        _moment("due_at", "clock_timestamp()"),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        _text("last_error", 500),
        _person("person_id"),
        _person("asked_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("address", "key", name=op.f("uq_mails_address_key")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("mails")
    op.drop_column("people", "mail_locale")
    op.drop_column("people", "wants_mail")
