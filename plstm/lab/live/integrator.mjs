// Integrator: one unit that adds up its input while open and holds the sum while closed. Its input can be drawn.

import { drawnValues, redrawn, written } from "./drawn_curve.mjs";
import { gate, gateCurve, lstmStep, number, range, ticksAboutZero, uniform } from "./equations.mjs";
import { element } from "./controls.mjs";
import { liveFigure } from "./figure.mjs";

// The panel of the input.
const INPUT = 0;

/**
 * @param {string} name
 * @param {number[]} times
 * @param {string} drawn
 */
function signalValues(name, times, drawn) {
  if (name === "own") return drawnValues(drawn, times.length);
  const draw = uniform(7);
  /** @type {Record<string, (t: number) => number>} */
  const signals = {
    sine: (t) => Math.sin((2 * Math.PI * t) / 80),
    step: (t) => (t >= 60 ? 0.5 : 0),
    pulses: (t) => (t % 50 < 8 ? 1 : 0),
    noise: () => 2 * draw() - 1,
  };
  return times.map(signals[name]);
}

/**
 * @param {number[]} x
 * @param {number[]} openness
 * @param {Live.LstmWeights} weights
 */
function cellStates(x, openness, weights) {
  let state = { h: [0], c: [0] };
  return x.map((now, i) => {
    state = lstmStep([now], state.h, state.c, [openness[i]], weights);
    return state.c[0];
  });
}

/**
 * @param {{ signal: string, period: number, shift: number, ratio_on: number, forget: number, drawn: string }} values
 * @param {{ steps: number }} data
 * @returns {Live.Scene}
 */
export function scene({ signal, period, shift, ratio_on, forget, drawn }, { steps }) {
  const times = range(steps);
  const x = signalValues(signal, times, drawn);
  const k = times.map((t) => gate(t, { period, shift, ratio_on }));
  const weights = {
    kernel: [[0, 0, 0.5, 0]],
    recurrent_kernel: [[0, 0, 0, 0]],
    bias: [20, Math.log(forget / (1 - forget)), 0, 20],
  };
  const phased = cellStates(x, k, weights);
  const plain = cellStates(x, times.map(() => 1), weights);
  const curve = gateCurve({ period, shift, ratio_on }, steps - 1);
  const low = Math.min(...phased, ...plain, 0);
  const high = Math.max(...phased, ...plain, 0.1);
  const room = 0.06 * (high - low);
  /** @type {{ x: Live.Ends, xlabel: string, log: boolean }} */
  const shared = { x: [0, steps - 1], xlabel: "", log: false };
  /** @type {Live.Panel[]} */
  const panels = [
    { ...shared, title: "input x", y: [-1.1, 1.1], height: 70, yticks: [-1, 0, 1],
      marks: [{ kind: "line", colour: "ink", x: times, y: x, width: 1.4 }] },
    { ...shared, title: "openness k", y: [0, 1.05], height: 60, yticks: [0, 1],
      marks: [{ kind: "area", colour: "openness", x: curve.t, y: curve.k }] },
    { ...shared, title: "cell state c", steady: true, y: [low - room, high + room], height: 150, yticks: ticksAboutZero(low, high), xlabel: "step t", marks: [
      { kind: "line", colour: "lstm", x: times, y: plain, dash: true, label: "LSTM" },
      { kind: "line", colour: "cell", x: times, y: phased, label: "Phased LSTM" },
    ] },
  ];
  const updates = k.filter((openness) => openness > 0).length;
  const sentence = `The gated unit moves in ${updates} of ${steps} steps and ends at c = ${number(phased[steps - 1])}; ` +
    `the LSTM moves in every step and ends at c = ${number(plain[steps - 1])}.`;
  return { panels, sentence, formula: [] };
}

/**
 * A stroke on the input changes it there; the rest stays as it was.
 * @param {Live.Spec<{ steps: number }>} spec
 * @returns {Live.Extra}
 */
function furnish({ data: { steps } }) {
  const advice = element("p", { className: "plstm-advice" }, "Draw an input of your own: move the pointer along the first panel.");
  return {
    nodes: [], below: [advice],
    draw: (from, to, { signal, drawn }) => {
      if (from.panel !== INPUT) return null;
      const now = signal === "own" ? drawn : written(signalValues(signal, range(steps), ""));
      return { signal: "own", drawn: redrawn(now, from, to, steps) };
    },
  };
}

export const render = liveFigure(scene, furnish);
