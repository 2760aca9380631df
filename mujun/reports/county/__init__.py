"""A county's year for those who decide: the report, its editions, and the sentences that all papers say of it."""
