"""Plotly figures, for the pages and for reports."""
