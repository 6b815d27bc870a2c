"""The networks: build, freeze, save and load."""
