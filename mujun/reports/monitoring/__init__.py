"""What monitoring prints: sheets of offices, the monthly page, the quarterly bulletin, the annual assessment."""
