"""Every version in which a quarantined record went in or out of its dataset, not only the last."""

import sqlalchemy as sa
from alembic import op

revision = "storage_0004"
down_revision = "storage_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, from what the former one knew."""
    op.add_column("storage_standings", sa.Column("turns", sa.Text, nullable=False, server_default="[]"))
    standings = sa.table(
        "storage_standings", *(sa.column(name, sa.BigInteger) for name in ("version", "undone_at")), sa.column("turns", sa.Text)
    )
    version, undone_at = (sa.cast(column, sa.Text) for column in (standings.c.version, standings.c.undone_at))
    both = sa.literal("[").concat(version).concat(",").concat(undone_at).concat("]")
    op.execute(standings.update().where(standings.c.version > 0).values(turns=sa.literal("[").concat(version).concat("]")))
    op.execute(standings.update().where(standings.c.version > 0, standings.c.undone_at > 0).values(turns=both))
    op.drop_column("storage_standings", "undone_at")
