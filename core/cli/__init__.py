"""The command line: stands beside core/ui, and knows neither Streamlit nor how anything is computed. `main` runs a
command of `commands`, read by `parser` with its `options` and `run_names`; `terminal` is what commands share.
"""
