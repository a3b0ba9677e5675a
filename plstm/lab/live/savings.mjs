// Savings calculator: what a step needs when only open units are computed, in multiply-adds and in measured time.
//

import { counted, number, percent } from "./equations.mjs";
import { liveFigure } from "./figure.mjs";

/**
 * @param {number[]} values
 * @param {number} wanted
 */
function nearest(values, wanted) {
  const apart = values.map((value) => Math.abs(Math.log(value / wanted)));
  return values[apart.indexOf(Math.min(...apart))];
}

/**
 * @param {{ units: number, features: number, ratio_on: number, rate: number }} values
 * @param {{ measured: number[][] }} data
 * @returns {Live.Scene}
 */
export function scene({ units, features, ratio_on, rate }, { measured }) {
  const dense = 4 * units * (features + units);
  const sparse = ratio_on * dense;
  const near = [features, units, ratio_on].map((wanted, i) => nearest(measured.map((row) => row[i]), wanted));
  const where = `D = ${near[0]}, H = ${near[1]}, r_on = ${number(near[2])}`;
  const measurement = measured.find((row) => near.every((value, i) => row[i] === value));
  if (!measurement) throw new Error(`expected a measurement at ${where}, got none`);
  const [fast, slow] = measurement.slice(3);
  const exactly = near[0] === features && near[1] === units && near[2] === ratio_on;
  /** @type {Live.Panel[]} */
  const panels = [{ title: "multiply-adds a step", x: [0, dense], y: [0, 1], height: 130, yticks: [], xlabel: "", log: false,
    marks: [{ kind: "bars", colour: "ink", y: [dense, sparse], colours: ["lstm", "phased-lstm"],
      labels: [`all units: ${number(dense)}`, `open units alone, on average: ${number(sparse)}`] }] },
  { title: `time of a step, measured at ${where}`, x: [0, slow], y: [0, 1], height: 130, yticks: [], xlabel: "", log: false,
    marks: [{ kind: "bars", colour: "ink", y: [slow, fast], colours: ["lstm", "phased-lstm"],
      labels: [`all units: ${number(slow)} µs`, `open units alone: ${number(fast)} µs`] }] }];
  const sentence = `${counted(units, "unit")} with ${counted(features, "feature")} need ${number(dense)} multiply-adds a step; ` +
    `the open ones alone ${number(sparse)}, which is ${percent(ratio_on)}. At ${counted(rate, "step")} a second that is ` +
    `${number((sparse * rate) / 1e6)} instead of ${number((dense * rate) / 1e6)} million a second. ` +
    `${exactly ? "Measured at" : "The nearest measurement, at"} ${where}: ${number(fast)} µs instead of ${number(slow)}, ${number(slow / fast)} times faster.`;
  const [h, d, r] = [number(units), number(features), `{ratio_on:${number(ratio_on)}}`];
  /** @type {Live.FormulaLine[]} */
  const formula = [
    [`all units: 4 H (D + H) = 4 · ${h} · (${d} + ${h}) = ${number(dense)}`, true],
    [`open units: r_on · 4 H (D + H) = ${r} · ${number(dense)} = ${number(sparse)}`, true],
    [`beside them, ${h} phases a step to know who is open`, true],
  ];
  return { panels, sentence, formula };
}

export const render = liveFigure(scene);
