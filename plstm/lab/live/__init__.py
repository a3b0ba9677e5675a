"""The live figures: pictures with controls, each written once, as an ES module that a page and a notebook mount.

``<name>.mjs`` exports ``scene``, from the values of the controls to panels of marks, a sentence and a formula, and
``render({model, el})``, anywidget's form, which draws it and moves it. ``<name>.py`` declares the controls and what is
known in Python alone. ``host.mjs`` mounts a figure on a page without a kernel; ``figure.py`` mounts it in a notebook,
and has its plain picture and its sentence from the same module, run by the V8 of ``javascript.py``.
``equations.mjs`` has the equations, which tests hold equal to ``plstm.reference``; ``plot.mjs`` draws scenes.
``links.mjs`` lets links in the prose move figures, and ``ask.mjs`` lets a page ask: exercises and predictions.
"""
