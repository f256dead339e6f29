"""Bringing calls in by the browser: sources, uploads and their runs, and what names mean."""
