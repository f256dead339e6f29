"""What can be imported: each module here is one target and names it ``TARGET``."""
