"""Signing in, sessions, passwords, the second factor and mails."""
