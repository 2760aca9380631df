"""What goes to departments and comes back: the empty workbook, findings, names to decide, land."""
