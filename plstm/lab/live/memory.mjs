// Memory horizon: what is left of an input, with a forget gate alone and with a time gate too.

import { counted, gate, gateCurve, number, percent, range } from "./equations.mjs";
import { liveFigure } from "./figure.mjs";
import { player } from "./player.mjs";

/**
 * @param {{ forget: number, period: number, shift: number, ratio_on: number, written: number, t: number }} values
 * @param {{ steps: number, floor: number }} data
 * @returns {Live.Scene}
 */
export function scene({ forget, period, shift, ratio_on, written, t: asked }, { steps, floor }) {
  const t = Math.max(asked, written);
  const times = range(steps + 1);
  const k = times.map((time) => (time <= written ? 0 : gate(time, { period, shift, ratio_on })));
  let share = 1;
  const phased = k.map((openness) => (share *= 1 - openness * (1 - forget)));
  const plain = times.map((time) => forget ** Math.max(time - written, 0));
  const curve = gateCurve({ period, shift, ratio_on }, steps);
  /** @type {{ x: Live.Ends, xlabel: string }} */
  const shared = { x: [0, steps], xlabel: "" };
  /**
   * The values from the writing on, as long as the axis reaches that far down.
   * @param {number[]} values
   */
  const seen = (values) => values.map((value, time) => (time >= written && value >= floor ? value : NaN));
  /** @type {[label: string, colour: string, values: number[], dash: boolean][]} */
  const shares = [["LSTM", "lstm", plain, true], ["Phased LSTM", "phased-lstm", phased, false]];
  /** @type {Live.Line[]} */
  const lines = shares.map(([label, colour, values, dash]) => ({ kind: "line", colour, x: times, y: seen(values), dash, label }));
  /** @type {Live.Points[]} */
  const here = shares.filter(([, , values]) => values[t] >= floor)
    .map(([, colour, values]) => ({ kind: "points", colour, x: [t], y: [values[t]], size: 7 }));
  /** @type {Omit<Live.Line, "y">} */
  const cursor = { kind: "line", colour: "ink", x: [t, t], width: 1 };
  /** @type {Live.Panel[]} */
  const panels = [
    { ...shared, title: "openness k", y: [0, 1.05], height: 60, yticks: [0, 1], log: false,
      marks: [{ kind: "area", colour: "openness", x: curve.t, y: curve.k }, { ...cursor, y: [0, 1.05] }] },
    { ...shared, title: `share left of what was written at t₀ = ${written}`, y: [floor, 1], height: 190, log: true,
      yticks: [1, 0.01, 1e-4, floor], xlabel: "step t", marks: [...lines, { ...cursor, y: [floor, 1] }, ...here] },
  ];
  /** @param {number} value */
  const left = (value) => (value >= floor ? percent(value) : "less than a millionth");
  /** @param {number[]} values */
  const half = (values) => (values[steps] > 0.5 ? `has not lost half by t = ${steps}`
    : `has lost half after ${counted(values.findIndex((value) => value <= 0.5) - written, "step")}`);
  const sentence = `At t = ${t} the LSTM still has ${left(plain[t])} of what was written at t₀ = ${written}, ` +
    `the Phased LSTM ${left(phased[t])}. The LSTM ${half(plain)}; the Phased LSTM ${half(phased)}.`;
  const between = k.slice(written + 1, t + 1);
  // At the end of a window rounding leaves less than that.
  const still = between.filter((openness) => openness < 1e-9).length;
  /** @type {Live.FormulaLine[]} */
  const formula = [
    [`LSTM: c = f · c′ = ${number(forget)} · c′ in every step`, true],
    [`Phased LSTM: c = (1 − k (1 − f)) · c′, which is 1 · c′ in ${still} of ${counted(between.length, "step")}`, true],
  ];
  return { panels, sentence, formula };
}

/**
 * Time can run, from the writing on.
 * @param {Live.Spec<{ steps: number }>} spec
 * @param {Live.Handle} figure
 * @returns {Live.Extra}
 */
function furnish({ data: { steps } }, figure) {
  const play = player({
    end: steps, grain: 1, coarse: 49, rate: () => steps / 15, at: () => figure.values().t, move: (t) => figure.set({ t }),
  });
  return { nodes: [], buttons: [play.button], show: ({ t }) => play.heard(t) };
}

export const render = liveFigure(scene, furnish);
