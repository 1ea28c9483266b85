"""How fast policies decide, beside Cedar, and how fast a set is loaded."""
