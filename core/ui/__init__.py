"""Streamlit. One package per page (`home`, `data`, `runs`, `compare`, `evaluate`, `live`, `glossary`), the sidebar's
`training_form`, and `common`, what they share.
"""
