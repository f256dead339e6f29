"""Kinds whose content is drafted first, and works once it is published as a numbered version."""
