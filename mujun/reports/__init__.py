"""Reports: workbooks, pages, exported tables, and tables for the terminal.

`drawing` is how anything is drawn: a document is data first (`sheets`), drawn by `workbook`; labels and words are
Chinese whatever language messages are in. The other rooms are named after whom they are for: `year`, `departments`,
`firms`, `rounds`, `rectification`, `money`, `runs`. Import from the modules: each brings only what it needs.
"""
