"""Projects: their tiles, and the panel in which people and objects are put into them."""
