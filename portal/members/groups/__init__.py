"""Groups of people, who can be put into a project as one."""
