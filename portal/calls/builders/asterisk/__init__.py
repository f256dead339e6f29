"""From the queue log and the call detail records of an Asterisk to calls."""
