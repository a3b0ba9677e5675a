"""One colour for each quantity, everywhere: equations, sliders, static figures, live figures.

The colours are Okabe and Ito's, told apart by colour-blind readers, plus a grey for the plain LSTM. The Phased LSTM
wears the colour of its gate on purpose: the gate is what sets it apart.
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
