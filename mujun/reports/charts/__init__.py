"""Charts of a county's year: each one object with its finding, its data and one Altair specification."""

from mujun.reports.charts.chart import Chart, png, svg

__all__ = ["Chart", "png", "svg"]
