"""Run a trained network: by the fastest runtime that agrees with torch, or as an exported file."""
