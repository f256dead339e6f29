"""Taking in calls while they happen: what is sent, files that grow, tables of a database."""
