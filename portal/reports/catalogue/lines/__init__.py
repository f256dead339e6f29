"""Reports on lines to the outside."""
