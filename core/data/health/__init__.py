"""What may mislead a training in a dataset: `checks` finds it and says what to do."""
