"""What may mislead a training in a dataset: `checks` finds it and says what to do; `label_mix` is which labels each
source has."""
