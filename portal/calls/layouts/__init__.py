"""How tables of calls are to be read: kept for each source, in versions that never change."""
