// Three neurons: units with different periods look at one input, each in its own time.

import { element } from "./controls.mjs";
import { counted, gate, gateCurve, held, lstmStep, number, percent, range, uniform } from "./equations.mjs";
import { liveFigure } from "./figure.mjs";

/**
 * The times in a text, in order; what is no time of the figure is left out.
 * @param {string} text
 * @param {number} until
 */
function own(text, until) {
  const times = text.split(/[\s,;]+/).filter(Boolean).map(Number).filter((t) => t >= 0 && t <= until);
  return [...new Set(times)].sort((a, b) => a - b);
}

/**
 * Times as text. It ends in a comma, because a link would take one number alone for a number.
 * @param {number[]} times
 */
const asText = (times) => times.map((t) => `${t},`).join("");

/**
 * @param {{ period_1: number, period_2: number, period_3: number, ratio_on: number, sampling: string, samples: string }} values
 * @param {{ until: number, count: number, weights: Live.LstmWeights }} data
 * @returns {Live.Scene}
 */
export function scene({ period_1, period_2, period_3, ratio_on, sampling, samples }, { until, count, weights }) {
  const periods = [period_1, period_2, period_3];
  const draw = uniform(5);
  const times = sampling === "own" ? own(samples, until) : sampling === "regular"
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
  const closed = 1 - (seen[0] + seen[1] + seen[2]) / (3 * Math.max(times.length, 1));
  const sentence = `Of ${counted(times.length, "sample")}, unit 1 takes in ${seen[0]}, unit 2 takes in ${seen[1]} and unit 3 takes in ${seen[2]}; ` +
    `the other ${percent(closed)} of the updates are not needed. Between openings c and h stand still.`;
  return { panels, sentence, formula: [] };
}

// In units of time: nearer than this a tap takes a sample away.
const NEAR = 1;

/**
 * Samples can be put on the clock: by a click on the input, or typed.
 * @param {Live.Spec<{ until: number }>} spec
 * @param {Live.Handle} figure
 * @returns {Live.Extra}
 */
function furnish({ data: { until } }, figure) {
  const typed = element("input", { type: "text", className: "plstm-times", spellcheck: false, autocomplete: "off" });
  typed.addEventListener("change", () => figure.set({ samples: asText(own(typed.value, until)) }));
  const line = element("label", { className: "plstm-own" }, "your times ", typed);
  const advice = element("p", { className: "plstm-advice" });
  return {
    nodes: [line], below: [advice],
    show: ({ sampling, samples }) => {
      line.hidden = sampling !== "own";
      typed.value = own(samples, until).join(" ");
      advice.textContent = sampling === "own" ? "Tap the input to put a sample there, and a sample to take it away." : "";
    },
    put: ({ panel, x }, { sampling, samples }) => {
      if (sampling !== "own" || panel !== 0 || x < 0 || x > until) return null;
      const times = own(samples, until);
      const rest = times.filter((t) => Math.abs(t - x) > NEAR);
      return { samples: asText(rest.length < times.length ? rest : own(`${asText(times)}${x.toFixed(1)}`, until)) };
    },
  };
}

export const render = liveFigure(scene, furnish);
