"""The year's workbook, sheet by sheet."""
