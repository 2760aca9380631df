"""Benchmarks: mujun against the same work written by hand."""
