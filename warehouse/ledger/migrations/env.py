"""How Alembic runs the migrations beside this file: inside the transaction that it is given."""

from alembic import context

from warehouse.ledger.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
