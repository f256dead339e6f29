"""Reports on messages."""
