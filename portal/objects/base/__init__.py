"""The base of a dialer: the numbers that it calls, and how far it is with them."""
