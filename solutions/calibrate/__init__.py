"""`genlab calibrate`: measures what right and wrong submissions reach, and how sure the thresholds are."""
