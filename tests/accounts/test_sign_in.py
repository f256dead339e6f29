"""Signing in and out, and what a session is."""

from __future__ import annotations

from tests.factories import PASSWORD, building, company, user


def test_signs_in_by_any_form_of_the_address(app, visitor):
    with building(app):
        company()
        user("Łucja Żółć", email="Łucja.Żółć@example.org")
    someone = visitor("ŁUCJA.ŻÓŁĆ@EXAMPLE.ORG", PASSWORD)
    assert someone.get("/profile").heading == "Profile"
    assert visitor("Łucja.Żółć@example.org").get("/profile").heading == "Profile"
