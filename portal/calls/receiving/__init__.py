"""Taking calls from exchanges that send them by HTTP."""
