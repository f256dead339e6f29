"""Reports for who answers for the company: what was changed, what left it, who sees what."""
