"""Downloads too long to wait for: written by a worker, kept for a day for who asked."""
