"""One colour for each quantity, everywhere: equations, sliders, static figures, live figures.

The colours are those of Okabe and Ito, which colour-blind readers can tell apart, plus a grey for the LSTM. The Phased
LSTM has the colour of its gate on purpose, because the gate is what makes it different.
"""

COLOURS = {
    "period": "#D55E00",
    "ratio_on": "#009E73",
    "shift": "#CC79A7",
    "openness": "#0072B2",
    "cell": "#E69F00",
    "output": "#56B4E9",
    "lstm": "#767676",
    "phased-lstm": "#0072B2",
}
SYMBOLS = {"period": "τ", "ratio_on": "r_on", "shift": "s", "openness": "k", "cell": "c", "output": "h"}
