"""The list of problems found on firms and parcels: its life, and the books that go out and come back."""
