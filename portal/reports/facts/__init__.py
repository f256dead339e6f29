"""Where figures come from: one module a fact, with its sums, measures, dimensions and filters."""
