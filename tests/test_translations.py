"""Polish and Turkish are complete at all times."""

import pytest

from tools import translations


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_every_message_is_translated(language):
    faults = list(translations.problems(language, translations.source_messages()))

    assert faults == []


def test_plural_forms_are_those_of_the_languages():
    forms = {
        language: translations.read_catalogue(language).num_plurals
        for language in translations.LANGUAGES
    }

    assert forms == {"pl": 3, "tr": 1}
