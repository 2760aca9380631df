"""What townships and firms fill in: the survey workbook, confirmation sheets, who has returned what."""
