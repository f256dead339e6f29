"""The numbers of lists."""
