"""Roles: what a person may do."""
