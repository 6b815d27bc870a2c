"""Commands about photos: `doubts` (label issues), `forget` (a person), `health` (of a dataset), `import`,
and `versions` (of a dataset)."""
