"""The pages of the workbench, each a module: what it asks the county, and how it shows it."""

from mujun.workbench.frame import Page
from mujun.workbench.pages import checks, data, home

PAGES: tuple[Page, ...] = (*home.PAGES, *data.PAGES, *checks.PAGES)
"""All pages."""
