"""Reports that hold figures against each other, against targets and against the past."""
