"""The reports: one module each, in the package of its section."""
