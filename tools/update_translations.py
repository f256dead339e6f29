"""Write new messages into the catalogues and take out those no longer used."""

import translations


def main() -> None:
    template = translations.source_messages()
    for language in translations.LANGUAGES:
        translations.update(language, template)
        missing = sum(1 for _ in translations.problems(language, template))
        print(f"{translations.path_of(language)}: {len(template)} messages, {missing} to translate")


if __name__ == "__main__":
    main()
