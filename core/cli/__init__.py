"""The command line: stands beside core/ui, and knows neither Streamlit nor how anything is computed."""
