"""Reports on what operators do with their time, and what comes of it."""
