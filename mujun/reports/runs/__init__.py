"""Ratings side by side: comparisons, scenarios, how firm tiers are, fairness."""
