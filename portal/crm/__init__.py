"""The CRM: contacts, what is known about them, and their cases."""
