"""Trainings that never saw a source, each tested on it: `results` gathers them, with their mean, their worst, and the
ordinary test number of the same settings. `over_sources` chooses an operating point on them, and when it is unsure."""
