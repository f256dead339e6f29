"""The blueprints of people, groups and roles."""

from portal.members.groups.views import bp as groups
from portal.members.roles.views import bp as roles
from portal.members.users.views import bp as users

__all__ = ["groups", "roles", "users"]
