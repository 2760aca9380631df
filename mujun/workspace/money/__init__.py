"""What tiers come to in money and quotas, as the store keeps it."""
