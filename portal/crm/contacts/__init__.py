"""Contacts: whom one talks with, and what each project knows about them."""
