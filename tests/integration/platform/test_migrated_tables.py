"""The tables that each service's migrations create are the tables that its code declares."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, create_engine, inspect

from chartly.platform.blocking import Blocking
from chartly.platform.config import Config
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.migrate import migrate, version_locations

DECLARED = {
    "aggregator": ("chartly.aggregator.store.tables", "metadata"),
    "analytics": ("chartly.analytics.ledger", "_tables"),
    "audit": ("chartly.audit.store.entries", "_tables"),
    "auth": ("chartly.auth.store.tables", "metadata"),
    "connector_hub": ("chartly.connector_hub.store.tables", "metadata"),
    "coordinator": ("chartly.coordinator.store.tables", "metadata"),
    "orchestrator": ("chartly.orchestrator.store.tables", "metadata"),
    "registry": ("chartly.registry.store.tables", "metadata"),
    "reporter": ("chartly.reporter.store.reports", "_tables"),
    "storage": ("chartly.storage.tables", "metadata"),
}
"""Where each service declares its tables: module and attribute."""
# Tables of the migrations' own bookkeeping.
_BOOKKEEPING = frozenset({"alembic_version", "chartly_schema"})


def described(engine: Engine) -> dict[str, dict[str, Any]]:
    """Describe all tables of a database, without server defaults: migrations set these to fill new columns of old rows."""
    found = inspect(engine)
    return {
        name: {
            "columns": {column["name"]: (repr(column["type"]), column["nullable"]) for column in found.get_columns(name)},
            "primary key": found.get_pk_constraint(name)["constrained_columns"],
            "indexes": {index["name"]: described_index(index) for index in found.get_indexes(name)},
            "unique": sorted(each["column_names"] for each in found.get_unique_constraints(name)),
        }
        for name in found.get_table_names()
        if name not in _BOOKKEEPING
    }


def described_index(index: Any) -> tuple[list[str], bool, str]:
    """Return an index's columns, whether it is unique, and the condition of a partial one."""
    condition = str(index.get("dialect_options", {}).get("sqlite_where", ""))
    return index["column_names"], bool(index["unique"]), condition.lower()


def test_every_service_with_migrations_is_compared() -> None:
    """Each service with a migrations folder is in the comparison."""
    assert [location.parent.name for location in version_locations()] == sorted(DECLARED)


@pytest.mark.parametrize("service", sorted(DECLARED))
def test_migrations_create_the_declared_tables(service: str, make_config: Callable[..., Config], tmp_path: Path) -> None:
    """Columns, types, nullability, primary keys and indexes agree on SQLite."""
    config = make_config()
    config.data_path.mkdir(parents=True)
    blocking = Blocking(1, 1)
    migrated = Metadata(config, blocking)
    (location,) = (each for each in version_locations() if each.parent.name == service)
    migrate(migrated, [location])
    with migrated.reading() as connection:
        created = described(connection.engine)
    migrated.close()
    blocking.close()
    module, attribute = DECLARED[service]
    tables: MetaData = getattr(importlib.import_module(module), attribute)
    engine = create_engine(f"sqlite:///{tmp_path / 'declared.sqlite'}")
    tables.create_all(engine)

    assert created == described(engine)
    engine.dispose()
