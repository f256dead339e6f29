"""``flask portal …``: the commands of the portal."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup

commands = AppGroup("portal", help="Run and look after the portal.")


def register(app: Flask) -> None:
    app.cli.add_command(commands)
