"""The demo: an outsourcer with projects of several trades, and a clinic in simple mode."""
