"""Glossary: its `view`."""
