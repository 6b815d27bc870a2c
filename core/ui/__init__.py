"""Streamlit. One package per page (`home`, `data`, `runs`, `compare`, `evaluate`, `live`, `glossary`), the sidebar's
`training_form`, `corrections` of a network's answers, and `common`, what they share.
"""
