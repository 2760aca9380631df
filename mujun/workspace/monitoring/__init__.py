"""Monitoring of a plan: what is known of it, monthly sheets that go out and come back, where it stands, its papers."""
