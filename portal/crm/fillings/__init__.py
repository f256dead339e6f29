"""Forms that were filled in: on a contact, on a case or on a call."""
