"""The rectification on paper: the list, progress, reminders, plans and notices."""
