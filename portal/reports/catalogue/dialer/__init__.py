"""Reports on dialers and their bases."""
