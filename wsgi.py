"""The WSGI application: ``waitress-serve wsgi:app``."""

import gc

from portal import create_app
from portal.connections import refuse_unsafe_role

app = create_app()
refuse_unsafe_role(app)
# What the portal is made of stays: while calls are imported it would be searched for garbage again
# and again, a third of the time.
gc.freeze()
