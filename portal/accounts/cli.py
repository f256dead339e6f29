"""``flask portal …`` commands of accounts."""

from __future__ import annotations

from flask import current_app

from portal.accounts import afterwards
from portal.cli import commands


@commands.command("send-mails")
def send_mails() -> None:
    """Send the mails that wait, e.g. after the mail server was away. To be run by a timer."""
    afterwards.run(current_app._get_current_object())  # type: ignore[attr-defined]  # a proxy
