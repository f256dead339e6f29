"""Messages that were sent to clients, as their gateway tells."""
