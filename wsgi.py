"""The WSGI application: ``waitress-serve wsgi:app``."""

from portal import create_app
from portal.connections import refuse_unsafe_role

app = create_app()
refuse_unsafe_role(app)
