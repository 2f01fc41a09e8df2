"""SQL: the tables, the few queries, and the writer of the record."""
