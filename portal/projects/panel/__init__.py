"""The edit panel: everything that is in a project, added and removed in one place."""
