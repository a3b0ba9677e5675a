// Every number of a step of the Phased LSTM and of the LSTM, forwards and back, for a network small enough to look at.
// The LSTM is the same network with a gate that is always open.

import { phase, range, sigmoid } from "./equations.mjs";

/** The gates in Keras' order. @type {Step.GateName[]} */
export const GATES = ["i", "f", "g", "o"];
export const UNITS = 2;

/** A sine of period 5 at irregular times. */
export const TIMES = [0.4, 1.3, 1.9, 3.2, 4.1, 5.5, 6.0, 7.4, 8.1, 9.6, 10.2, 11.5];
export const INPUTS = TIMES.map((t) => Number(Math.sin((2 * Math.PI * t) / 5).toFixed(2)));

/** Weights of both units: for each gate the bias, then what x, h of unit 1 and h of unit 2 are multiplied by. */
export const WEIGHTS = [
  { i: [0.2, 0.9, 0.4, -0.3], f: [1, 0.3, 0.2, 0.1], g: [0.1, 1.2, -0.5, 0.6], o: [0.3, 0.5, 0.2, -0.4], period: 4, shift: 0.55, ratio_on: 0.4 },
  { i: [-0.1, 0.7, -0.6, 0.2], f: [1, -0.4, 0.3, 0.2], g: [0, -1, 0.7, 0.3], o: [0.2, 0.6, -0.3, 0.5], period: 7, shift: 1.5, ratio_on: 0.5 },
];

/**
 * Phase, openness, and the slopes of openness by phase and by ratio_on.
 * @param {number} t
 * @param {Step.Unit} unit
 */
function opened(t, { period, shift, ratio_on: r }) {
  const phi = phase(t, period, shift);
  if (phi >= r) return { phase: phi, k: 0, byPhase: 0, byRatio: 0 };
  const rising = phi < r / 2;
  const byPhase = rising ? 2 / r : -2 / r;
  return { phase: phi, k: rising ? (2 * phi) / r : 2 - (2 * phi) / r, byPhase, byRatio: (-byPhase * phi) / r };
}

/**
 * All steps of a sequence. ``phased`` false leaves the gate open.
 * @param {Step.Unit[]} units
 * @param {boolean} phased
 * @param {number[]} times
 * @param {number[]} inputs
 * @returns {Step.Forward[]}
 */
export function forwards(units, phased, times = TIMES, inputs = INPUTS) {
  let h = units.map(() => 0);
  let c = units.map(() => 0);
  return times.map((t, n) => {
    const [hBefore, cBefore] = [h, c];
    const seen = [1, inputs[n], ...hBefore];
    const made = units.map((unit, j) => {
      /** @param {Step.GateName} name */
      const z = (name) => unit[name].reduce((sum, weight, m) => sum + weight * seen[m], 0);
      const [zi, zf, zg, zo] = GATES.map(z);
      const [i, f, g, o] = [sigmoid(zi), sigmoid(zf), Math.tanh(zg), sigmoid(zo)];
      const proposal = f * cBefore[j] + i * g;
      const output = o * Math.tanh(proposal);
      const gate = phased ? opened(t, unit) : { phase: 0, k: 1, byPhase: 0, byRatio: 0 };
      return {
        z: { i: zi, f: zf, g: zg, o: zo }, i, f, g, o, proposal, output, ...gate,
        c: cBefore[j] + gate.k * (proposal - cBefore[j]), h: hBefore[j] + gate.k * (output - hBefore[j]),
      };
    });
    h = made.map((unit) => unit.h);
    c = made.map((unit) => unit.c);
    return { t, x: inputs[n], seen, hBefore, cBefore, units: made };
  });
}

/**
 * Slopes of L, the output of one unit after the last step, by all that stands in a step: last step last.
 * @param {Step.Unit[]} units
 * @param {Step.Forward[]} steps
 * @param {number} watched
 * @returns {Step.Backward[][]} by step and unit
 */
export function backwards(units, steps, watched) {
  let dh = range(units.length, (j) => Number(j === watched));
  let dc = units.map(() => 0);
  const found = steps.map((step, place) => ({ step, place })).reverse().map(({ step: { t, hBefore, cBefore, units: made } }) => {
    const back = made.map((u, j) => {
      const { period, shift } = units[j];
      const squashed = Math.tanh(u.proposal);
      const byK = dc[j] * (u.proposal - cBefore[j]) + dh[j] * (u.output - hBefore[j]);
      const byPhase = byK * u.byPhase;
      const byOutput = dh[j] * u.k;
      const byProposal = dc[j] * u.k + byOutput * u.o * (1 - squashed ** 2);
      return {
        h: dh[j], c: dc[j], k: byK, phase: byPhase, output: byOutput, proposal: byProposal,
        period: (-byPhase * (t - shift)) / period ** 2, shift: -byPhase / period, ratio_on: byK * u.byRatio,
        z: {
          i: byProposal * u.g * u.i * (1 - u.i), f: byProposal * cBefore[j] * u.f * (1 - u.f),
          g: byProposal * u.i * (1 - u.g ** 2), o: byOutput * squashed * u.o * (1 - u.o),
        },
        cBefore: dc[j] * (1 - u.k) + byProposal * u.f, kept: dc[j] * (1 - u.k), hBefore: 0,
      };
    });
    for (const n of range(units.length)) {
      const through = units.map((unit, j) => GATES.reduce((sum, name) => sum + unit[name][2 + n] * back[j].z[name], 0));
      back[n].hBefore = dh[n] * (1 - made[n].k) + through.reduce((a, b) => a + b);
    }
    dh = back.map((each) => each.hBefore);
    dc = back.map((each) => each.cBefore);
    return back;
  });
  return found.reverse();
}
