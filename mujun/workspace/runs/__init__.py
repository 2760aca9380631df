"""Past ratings: verified, bundled, compared, and tried with other rules."""
