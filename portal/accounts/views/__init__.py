"""Pages of accounts: one module for each thing that a person comes for."""

from portal.accounts.views import home, links, outbox, profile, second_factor, sign_in
from portal.accounts.views.blueprint import bp

__all__ = ["bp", "home", "links", "outbox", "profile", "second_factor", "sign_in"]
