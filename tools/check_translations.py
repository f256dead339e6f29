"""Fail when a catalogue misses a message, or has a fuzzy, broken or unused one."""

import sys

import translations


def main() -> int:
    template = translations.source_messages()
    found = []
    for language in translations.LANGUAGES:
        found += translations.problems(language, template)
    print("\n".join(found[:50]))
    if len(found) > 50:
        print(f"… and {len(found) - 50} more")
    if found:
        print(f"{len(found)} faults in the translations; see CONTRIBUTING.md", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
