"""Who a record is about: names decided by a person, codes that changed, rows taken in later."""
