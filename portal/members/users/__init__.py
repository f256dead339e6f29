"""People: the list, creating, editing, locking."""
