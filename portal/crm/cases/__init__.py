"""Cases: one matter of one contact, in exactly one project."""
