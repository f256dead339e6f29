"""Reports on calls."""
