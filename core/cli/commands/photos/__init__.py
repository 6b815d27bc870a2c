"""Commands about photos: `doubts` (label issues), `forget` (a person), `health` (of a dataset), `import`."""
