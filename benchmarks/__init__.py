"""What the portal costs against what it must cost: ``make bench``."""
