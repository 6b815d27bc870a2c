"""Numbers by source, where photos are of several: `measure` one network's, `told` says where a run's photos came from,
`parts` how many of each train, validate and test, and `paired` sets two entries against each other. How well sources
can be told apart by what an ImageNet network sees is in `signal`, found by a `worker` and `kept`.
"""
