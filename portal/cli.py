"""``flask portal …``: the commands of the portal."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup

commands = AppGroup("portal", help="Run and look after the portal.")


def register(app: Flask) -> None:
    """Add the commands of each feature: their modules add themselves to the group."""
    import portal.accounts.cli
    import portal.audit.commands
    import portal.calls.commands
    import portal.company.cli
    import portal.demo.commands
    import portal.jobs.commands
    import portal.objects.commands  # noqa: F401  # as above

    app.cli.add_command(commands)
