"""The start page: the day so far, of one's projects or, for operators, of oneself."""
