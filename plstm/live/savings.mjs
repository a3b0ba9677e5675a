// Savings calculator: the multiply-adds of a step when only open units are computed. Mirrors savings.py.

import { number, percent } from "./core.mjs";
import { mount } from "./figure.mjs";

export function savingsScene({ units, features, ratio_on, rate }) {
  const dense = 4 * units * (features + units);
  const sparse = ratio_on * dense;
  const panels = [{ title: "multiply-adds a step", x: [0, dense], y: [0, 1], height: 130, yticks: [], xlabel: "", log: false,
    marks: [{ kind: "bars", colour: "ink", y: [dense, sparse], colours: ["lstm", "phased-lstm"],
      labels: [`all units: ${number(dense)}`, `open units alone, on average: ${number(sparse)}`] }] }];
  const sentence = `${units} units with ${features} features need ${number(dense)} multiply-adds a step; the open ones ` +
    `alone ${number(sparse)}, which is ${percent(ratio_on)}. At ${number(rate)} steps a second that is ` +
    `${number((sparse * rate) / 1e6)} instead of ${number((dense * rate) / 1e6)} million a second.`;
  const [h, d, r] = [number(units), number(features), `{ratio_on:${number(ratio_on)}}`];
  const formula = [
    [`all units: 4 H (D + H) = 4 · ${h} · (${d} + ${h}) = ${number(dense)}`, true],
    [`open units: r_on · 4 H (D + H) = ${r} · ${number(dense)} = ${number(sparse)}`, true],
    [`beside them, ${h} phases a step to know who is open`, true],
  ];
  return { panels, sentence, formula };
}

mount("savings", savingsScene);
