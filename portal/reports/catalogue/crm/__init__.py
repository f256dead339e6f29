"""Reports on contacts, cases and forms."""
