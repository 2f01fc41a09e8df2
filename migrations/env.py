"""Run by Alembic. The connection and its transaction are `aaroc_bot.store.schema`'s.

Batch mode must not rebuild the table `audit`: it would silently drop the triggers that
keep the record append-only.
"""

from alembic import context

from aaroc_bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite's transactions undo DDL too; Alembic only knows of drivers where they do not.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
