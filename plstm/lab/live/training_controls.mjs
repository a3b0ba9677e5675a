// The controls of "train here": what a reader may set, in groups, and where they stand at first.

import { TASKS } from "./trainer_tasks.mjs";

/**
 * @param {string} name
 * @param {string} label
 * @param {number} low
 * @param {number} high
 * @param {Partial<Live.Slider>} rest
 * @returns {Live.Slider}
 */
const sliderOf = (name, label, low, high, rest = {}) =>
  ({ kind: "slider", name, label, low, high, step: 1, log: false, unit: "", integer: false, quantity: "", symbol: "", ...rest });

/**
 * @param {string} name
 * @param {string} label
 * @param {Record<string, string>} options
 * @returns {Live.Choice}
 */
const choiceOf = (name, label, options) => ({ kind: "choice", name, label, options });

/** Controls by the group they stand in. @type {Record<string, Live.Control[]>} */
export const GROUPS = {
  Task: [
    choiceOf("task", "task", Object.fromEntries(Object.entries(TASKS).map(([name, { words }]) => [name, words]))),
    sliderOf("steps", "steps", 20, 500, { integer: true, log: true }),
  ],
  "Phased LSTM": [
    sliderOf("shortest", "shortest period", 1, 1000, { log: true, quantity: "period", symbol: "τ" }),
    sliderOf("longest", "longest period", 1, 1000, { log: true, quantity: "period", symbol: "τ" }),
    sliderOf("ratio_on", "open share", 0.01, 1, { log: true, quantity: "ratio_on", symbol: "r_on" }),
    choiceOf("shifts", "shifts", { spread: "spread over the period", zero: "all 0" }),
    choiceOf("gate", "rhythm", { learned: "learned", fixed: "fixed" }),
    sliderOf("leak", "leak", 0, 0.1, { step: 0.001, symbol: "α" }),
  ],
  LSTM: [
    choiceOf("biases", "biases", { default: "default (forget 1)", chrono: "chrono" }),
    choiceOf("gaps", "sees the gaps", { yes: "yes, as an input", no: "no" }),
  ],
  Both: [
    sliderOf("units", "units", 4, 32, { integer: true }),
    sliderOf("rate", "learning rate", 0.0001, 0.1, { log: true }),
    choiceOf("clip", "clip gradients", { 0: "no", 0.1: "at norm 0.1", 1: "at norm 1", 10: "at norm 10" }),
    sliderOf("seed", "seed", 0, 999, { integer: true }),
  ],
};

/** What is looked at: no change of these begins anew. @type {Live.Control[]} */
export const LOOKS = [
  choiceOf("view", "show", { sample: "one sequence", rhythm: "the rhythm", gradient: "gradient against lag" }),
  sliderOf("sample", "sequence", 1, 100, { integer: true }),
];

export const CONTROLS = [...Object.values(GROUPS).flat(), ...LOOKS];

/** @type {Live.Values} */
export const START = {
  task: "sines", steps: 60, shortest: 1, longest: 30, ratio_on: 0.1, shifts: "spread", gate: "learned", leak: 0.001,
  biases: "default", gaps: "yes", units: 16, rate: 0.01, clip: "1", seed: 0, view: "sample", sample: 1,
};

/**
 * The values of the controls as what the trainer takes.
 * @param {Live.Values} values
 * @returns {Train.Settings}
 */
export function settingsOf(values) {
  const settings = Object.fromEntries(Object.values(GROUPS).flat().map(({ name }) => [name, values[name]]));
  return /** @type {Train.Settings} */ (/** @type {unknown} */ ({ ...settings, clip: Number(values.clip) }));
}
