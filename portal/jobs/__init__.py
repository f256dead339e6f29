"""Work that takes longer than a request: rows of a table, done by workers of their own."""
