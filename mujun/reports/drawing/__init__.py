"""How anything is drawn: sheets of a workbook, tables for a terminal, files, pictures, and the words of columns."""
