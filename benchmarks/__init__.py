"""Measures noisefilter against other tools, in one run on the same pages.

Not part of the package. Every figure is a ratio or a share, so that it holds on a busy machine.
"""
