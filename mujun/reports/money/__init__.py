"""Money on paper: office lists, the quarterly ledger, totals, projects."""
