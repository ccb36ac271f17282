"""How Alembic runs the migrations beside this file: inside the transaction that it is given."""

from alembic import context

from warehouse.ledger.tables import METADATA

given = context.config.attributes
context.configure(connection=given["connection"], target_metadata=METADATA, version_table=given["version_table"])
context.run_migrations()
