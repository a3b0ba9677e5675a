// Three neurons: units with different periods look at one input, each in its own time.

import { gate, gateCurve, held, lstmStep, number, percent, range, uniform } from "./equations.mjs";
import { liveFigure } from "./figure.mjs";

/**
 * @param {{ period_1: number, period_2: number, period_3: number, ratio_on: number, sampling: string }} values
 * @param {{ until: number, count: number, weights: Live.LstmWeights }} data
 * @returns {Live.Scene}
 */
export function scene({ period_1, period_2, period_3, ratio_on, sampling }, { until, count, weights }) {
  const periods = [period_1, period_2, period_3];
  const draw = uniform(5);
  const times = sampling === "regular"
    ? range(count, (i) => (i * until) / count)
    : range(count, draw).sort((a, b) => a - b).map((u) => u * until);
  const x = times.map((t) => Math.sin((2 * Math.PI * t) / 40) + 0.4 * Math.sin((2 * Math.PI * t) / 7));
  const k = times.map((t) => periods.map((period) => gate(t, { period, ratio_on })));
  let state = { h: [0, 0, 0], c: [0, 0, 0] };
  const states = times.map((_, i) => (state = lstmStep([x[i]], state.h, state.c, k[i], weights)));
  /** @type {{ x: Live.Ends, xlabel: string, log: boolean }} */
  const shared = { x: [0, until], xlabel: "", log: false };
  /** @type {Live.Panel[]} */
  const panels = [{ ...shared, title: "input x at its samples", y: [-1.5, 1.5], yticks: [-1, 0, 1], height: 80, marks: [
    { kind: "line", colour: "lstm", x: times, y: x, width: 1 },
    { kind: "points", colour: "ink", x: times, y: x, size: 3 },
  ] }];
  periods.forEach((period, unit) => {
    const curve = gateCurve({ period, ratio_on }, until);
    const low = 1.05 * Math.min(0, ...states.map(({ c, h }) => Math.min(c[unit], h[unit])));
    const high = 1.05 * Math.max(1, ...states.map(({ c }) => c[unit]));
    /** @type {[colour: string, label: keyof Live.State][]} */
    const traces = [["cell", "c"], ["output", "h"]];
    /** @type {Live.Line[]} */
    const lines = traces.map(([colour, label]) => {
      const [t, v] = held(times, states.map((s) => s[label][unit]), until);
      return { kind: "line", colour, x: t, y: v, label };
    });
    /** @type {Live.Mark[]} */
    const marks = [{ kind: "area", colour: "openness", x: curve.t, y: curve.k, label: "k" }, ...lines];
    const title = `unit ${unit + 1}, τ = ${number(period)}`;
    panels.push({ ...shared, title, y: [low, high], steady: true, height: 100, marks, yticks: [0, 1], xlabel: unit === 2 ? "time t" : "" });
  });
  const seen = periods.map((_, unit) => k.filter((row) => row[unit] > 0).length);
  const closed = 1 - (seen[0] + seen[1] + seen[2]) / (3 * count);
  const sentence = `Of ${count} samples, unit 1 takes in ${seen[0]}, unit 2 takes in ${seen[1]} and unit 3 takes in ${seen[2]}; ` +
    `the other ${percent(closed)} of the updates are not needed. Between openings c and h stand still.`;
  return { panels, sentence, formula: [] };
}

export const render = liveFigure(scene);
