"""Contracts: versions that never change, parties, consents and confirmations; projects to be signed."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
REFUSE = """
CREATE FUNCTION refuse_contract_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'version % of a contract never changes', OLD.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_contract_versions_never_change';
END $$
"""


def _kind(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _key(table: str) -> list[Any]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _reference(table: str, column: str, target: str, nullable: bool = False) -> list[Any]:
    name = op.f(f"fk_{table}_{column}_{target}")
    return [
        sa.Column(column, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name),
    ]


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def upgrade() -> None:
    """Five tables, a trigger that keeps versions as they are, and two states of projects."""
    _contracts()
    _parties()
    _versions()
    _consents()
    _confirmations()
    op.execute(REFUSE)
    op.execute(
        "CREATE TRIGGER never_change BEFORE UPDATE OR DELETE ON contract_versions"
        " FOR EACH ROW EXECUTE FUNCTION refuse_contract_version_change()"
    )
    _project_states("signing", "active", "accepted", "lapsed")


def _project_states(*states: str) -> None:
    told = ", ".join(f"'{state}'" for state in states)
    op.drop_constraint("project_state", "projects", type_="check")
    op.create_check_constraint("project_state", "projects", f"state IN ({told})")


def _contracts() -> None:
    table = "contracts"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "project_id", "projects"),
        sa.Column(
            "state",
            _kind("contract_state", "negotiating", "frozen", "signed", "lapsed"),
            nullable=False,
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sign_by", MOMENT, nullable=False),
        sa.Column("frozen_at", MOMENT, nullable=True),
        sa.Column("signed_at", MOMENT, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        *_reference(table, "file_id", "stored_files", nullable=True),
        _unique(table, "project_id"),
        sa.CheckConstraint(
            "(state = 'signed') = (signed_at IS NOT NULL)",
            name=op.f("ck_contracts_signed_has_its_date"),
        ),
        sa.CheckConstraint(
            "file_id IS NULL OR state = 'signed'", name=op.f("ck_contracts_filed_when_signed")
        ),
    )
    _index(table, "file_id")
    unsigned = sa.text("state IN ('negotiating', 'frozen')")
    op.create_index("ix_contracts_unsigned", table, ["sign_by"], postgresql_where=unsigned)


def _parties() -> None:
    table = "contract_parties"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "contract_id", "contracts"),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "part", _kind("contract_part", "issuer", "lead", "partner", "owner"), nullable=False
        ),
        *_reference(table, "organisation_id", "organisations"),
        _unique(table, "contract_id", "organisation_id"),
    )
    _index(table, "organisation_id")


def _versions() -> None:
    table = "contract_versions"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "contract_id", "contracts"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_reference(table, "proposed_by", "people", nullable=True),
        sa.Column("proposed_at", MOMENT, nullable=False),
        _unique(table, "contract_id", "number"),
        _unique(table, "id", "fingerprint"),
    )
    _index(table, "fingerprint")


def _consents() -> None:
    table = "contract_consents"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "version_id", "contract_versions"),
        sa.Column("level", _kind("consent_level", "city", "district"), nullable=False),
        *_reference(table, "consented_by", "people"),
        sa.Column("consented_at", MOMENT, nullable=False),
        _unique(table, "version_id", "level"),
    )


def _confirmations() -> None:
    table = "contract_confirmations"
    op.create_table(
        table,
        *_key(table),
        *_reference(table, "party_id", "contract_parties"),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        *_reference(table, "confirmed_by", "people"),
        sa.Column("confirmed_at", MOMENT, nullable=False),
        sa.Column("voided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id", "fingerprint"],
            ["contract_versions.id", "contract_versions.fingerprint"],
            name="fk_contract_confirmations_what_was_read",
        ),
    )
    _index(table, "version_id")
    op.create_index(
        "uq_contract_confirmations_standing",
        table,
        ["party_id"],
        unique=True,
        postgresql_where=sa.text("voided_at IS NULL"),
    )


def downgrade() -> None:
    """What was negotiated and confirmed is lost; projects that wait for it count as under way."""
    op.execute("UPDATE projects SET state = 'active' WHERE state IN ('signing', 'lapsed')")
    _project_states("active", "accepted")
    for table in ("contract_confirmations", "contract_consents"):
        op.drop_table(table)
    op.execute("DROP TRIGGER never_change ON contract_versions")
    op.execute("DROP FUNCTION refuse_contract_version_change()")
    for table in ("contract_versions", "contract_parties", "contracts"):
        op.drop_table(table)
