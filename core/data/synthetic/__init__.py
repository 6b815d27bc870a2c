"""Drawn faces, made in code from a seed: `demo` draws pictures, datasets and clips of a made-up `person`; `body`,
`head`, `face`, `hair` and `mask` are painted on a `canvas`.
"""
