"""The live figures: pictures with controls, in a notebook as ipywidgets and on a page as ES modules.

A figure is one function from the values of its controls to a scene, in ``<name>.py`` and again in ``<name>.mjs``; the
tests hold the two equal. ``equations.mjs`` has the equations, ``plot.mjs`` and ``draw.py`` draw scenes; ``controls``
and ``figure`` are what all figures share. A new figure is one file in each language, and its test comes by itself.
"""
