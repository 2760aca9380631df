"""Reports: Excel workbooks, exported tables, and tables for the terminal.

`year` writes the year's workbook, `exporting` any table as a file, `findings` and `template` what goes to departments
and comes back. A document is data first (`sheets`), drawn by `workbook`; labels and words are Chinese whatever language
messages are in. Import from the modules: each brings only what it needs.
"""
