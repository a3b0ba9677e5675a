// One step told with its numbers: for every part of it a few lines, each for the Phased LSTM and for the LSTM.

import { GATES } from "./step_numbers.mjs";

/** The parts of a step, in the order in which they happen. @type {Record<string, string>} */
export const PARTS = {
  input: "1. what comes in", gates: "2. the gates", proposal: "3. the proposal", phase: "4. the phase", openness: "5. the openness",
  state: "6. the new state", back: "7. the way back",
};

/** @param {number} value */
export const digits = (value) => (Math.abs(value) < 5e-4 ? "0" : value.toFixed(3).replace("-", "−"));
/** A number as a factor or a later term: negative ones in brackets. @param {number} value */
const term = (value) => (value < -5e-4 ? `(${digits(value)})` : digits(value));
/** @param {number} value */
const given = (value) => String(value).replace("-", "−");
/** @param {number} value */
const factor = (value) => (value < 0 ? `(${given(value)})` : given(value));
/** A later term with its sign. @param {number} value */
const signed = (value) => (value < 0 ? `− ${given(-value)}` : `+ ${given(value)}`);

/** @type {Record<Step.GateName, [words: string, squash: string]>} */
const NAMED = { i: ["input gate i", "σ"], f: ["forget gate f", "σ"], g: ["candidate g", "tanh"], o: ["output gate o", "σ"] };

/**
 * @param {Step.Told} told
 * @returns {Step.Line[]}
 */
export function linesOf({ part, unit, weights, at, back }) {
  const { t, x, hBefore, cBefore } = at;
  const u = at.units[unit];
  const slopes = back[unit];
  const [c0, h0] = [cBefore[unit], hBefore[unit]];
  /** @type {Record<string, () => Step.Line[]>} */
  const parts = {
    input: () => [
      ["time t and input x", `t = ${given(t)}, x = ${given(x)}`],
      ["outputs before, h′", `of unit 1: ${digits(hBefore[0])}, of unit 2: ${digits(hBefore[1])}`],
      ["cell state before, c′", `of this unit: ${digits(c0)}`],
    ],
    gates: () => GATES.map((name) => {
      const [words, squash] = NAMED[name];
      const [bias, byX, by1, by2] = weights[name];
      const sum = `${given(bias)} ${signed(byX)} · ${factor(x)} ${signed(by1)} · ${term(hBefore[0])} ${signed(by2)} · ${term(hBefore[1])}`;
      return [words, `${squash}(${sum}) = ${squash}(${digits(u.z[name])}) = ${digits(u[name])}`];
    }),
    proposal: () => [
      ["proposed state c̃ = f c′ + i g", `${digits(u.f)} · ${term(c0)} + ${digits(u.i)} · ${term(u.g)} = ${digits(u.proposal)}`],
      ["proposed output h̃ = o tanh c̃", `${digits(u.o)} · tanh(${digits(u.proposal)}) = ${digits(u.output)}`],
    ],
    phase: () => [["phase φ = fraction of (t − s) / τ", `fraction of (${given(t)} − ${factor(weights.shift)}) / ${given(weights.period)} = ` +
      `fraction of ${digits((t - weights.shift) / weights.period)} = ${digits(u.phase)}`]],
    openness: () => [["openness k", opening(u, weights.ratio_on)]],
    state: () => [
      ["c = c′ + k (c̃ − c′)", `${digits(c0)} + ${digits(u.k)} · (${digits(u.proposal)} − ${term(c0)}) = ${digits(u.c)}`],
      ["h = h′ + k (h̃ − h′)", `${digits(h0)} + ${digits(u.k)} · (${digits(u.output)} − ${term(h0)}) = ${digits(u.h)}`],
    ],
    back: () => [
      ["slope of L by the new c and h", `∂L/∂c = ${digits(slopes.c)}, ∂L/∂h = ${digits(slopes.h)}`],
      ["by the proposals", `∂L/∂h̃ = k ∂L/∂h = ${digits(slopes.output)}, ` +
        `∂L/∂c̃ = k ∂L/∂c + ∂L/∂h̃ · o (1 − tanh² c̃) = ${digits(slopes.proposal)}`],
      ["by what the gates squash", GATES.map((name) => `${name}: ${digits(slopes.z[name])}`).join(", ")],
      ["by c′: kept, and through f",
        `(1 − k) ∂L/∂c + f ∂L/∂c̃ = ${digits(slopes.kept)} + ${term(slopes.cBefore - slopes.kept)} = ${digits(slopes.cBefore)}`],
      ["by the openness and the rhythm", `∂L/∂k = ${digits(slopes.k)}, ∂L/∂τ = ${digits(slopes.period)}, ` +
        `∂L/∂s = ${digits(slopes.shift)}, ∂L/∂r_on = ${digits(slopes.ratio_on)}`],
    ],
  };
  return parts[part]();
}

/**
 * @param {Step.Unfolded} unit
 * @param {number} ratio
 */
function opening({ phase, k }, ratio) {
  if (phase >= ratio) return `φ = ${digits(phase)} is not below r_on = ${given(ratio)}: closed, k = 0`;
  const half = `${given(ratio)} / 2`;
  return phase < ratio / 2
    ? `φ = ${digits(phase)} is below ${half}: opening, k = 2 φ / r_on = ${digits(k)}`
    : `φ = ${digits(phase)} lies between ${half} and ${given(ratio)}: closing, k = 2 − 2 φ / r_on = ${digits(k)}`;
}

/** What the LSTM, which has no clock, has instead. @type {Record<string, Step.Line[]>} */
export const WITHOUT_CLOCK = {
  phase: [["no clock", "The LSTM is not told the time."]],
  openness: [["always open", "k = 1"]],
};

/**
 * The sentence under a part.
 * @param {string} part
 * @param {Step.Unfolded} unit
 * @param {Step.Backward} slopes
 */
export function sentenceOf(part, unit, slopes) {
  const closed = unit.k === 0;
  /** @type {Record<string, string>} */
  const sentences = {
    input: "Both networks have the same weights and read the same x. What they remember differs from the first time a gate was closed.",
    gates: "Weights times inputs, plus a bias, squashed: to between 0 and 1 for a gate, to between −1 and 1 for the candidate.",
    proposal: "What the unit would hold and put out if its time gate were fully open. For the LSTM this is the new state already.",
    phase: "The place in the unit's own cycle, from 0 to 1. It depends on the time alone, not on the input.",
    openness: closed ? "Closed: nothing of this step will reach the unit." : "Open: the proposal gets in, by the share k.",
    state: closed ? "k = 0: the Phased LSTM keeps c and h to the last digit, while the LSTM overwrites its own."
      : `The Phased LSTM goes ${digits(100 * unit.k)} % of the way to its proposal, the LSTM all of it.`,
    back: closed ? "k = 0: the slope by c goes back untouched, and no weight of this unit learns from this step."
      : `A share 1 − k = ${digits(1 - unit.k)} of the slope by c goes back untouched; the rest goes through the forget gate.`,
  };
  const still = part === "back" && slopes.c === 0 && slopes.h === 0 ? " Nothing later depends on this step." : "";
  return sentences[part] + still;
}
