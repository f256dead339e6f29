"""What operators did with their working time, built from an exchange's events."""
