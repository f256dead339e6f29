"""Tables that people bring along: read, mapped to fields, shown, and taken in row by row."""
