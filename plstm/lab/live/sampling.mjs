// Sampling of the frequency task: a sine as regular, fine or random samples, in time and by step.

import { counted, linspace, number, range, uniform } from "./equations.mjs";
import { liveFigure } from "./figure.mjs";

/**
 * Round half to even, as Python does.
 * @param {number} v
 */
const roundEven = (v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));

/**
 * @param {{ condition: string, period: number, start: number, duration: number, angle: number, draw: number }} values
 * @param {{ end: number, conditions: Record<string, string> }} data
 * @returns {Live.Scene}
 */
export function scene({ condition, period, start, duration, angle, draw }, { end, conditions }) {
  const stop = Math.min(start + duration, end);
  const gap = condition === "regular" ? 1 : 0.1;
  const times = condition === "asynchronous"
    ? range(roundEven(stop - start), uniform(draw)).sort((a, b) => a - b).map((u) => start + u * (stop - start))
    : range(Math.floor((stop - start) / gap + 1e-9), (i) => start + i * gap);
  /** @param {number} t */
  const sine = (t) => Math.sin((2 * Math.PI * t) / period - angle);
  const smooth = linspace(start, stop, 1001);
  const values = times.map(sine);
  const steps = range(times.length, (i) => i + 1);
  const size = condition === "fine" ? 2 : 4;
  /** @type {{ y: Live.Ends, yticks: number[], height: number, log: boolean }} */
  const shared = { y: [-1.2, 1.2], yticks: [-1, 0, 1], height: 120, log: false };
  /** @type {Live.Panel[]} */
  const panels = [
    { ...shared, title: "the signal in time", x: [0, end], xlabel: "time t in ms", marks: [
      { kind: "line", colour: "lstm", x: smooth, y: smooth.map(sine), width: 1, label: "sine" },
      { kind: "points", colour: "openness", x: times, y: values, size, label: "samples" },
    ] },
    { ...shared, title: "what comes in, step by step", x: [0, Math.max(2, times.length + 1)], xlabel: "step", marks: [
      { kind: "line", colour: "openness", x: steps, y: values, width: 1 },
      { kind: "points", colour: "openness", x: steps, y: values, size },
    ] },
  ];
  const answer = period >= 5 && period <= 6 ? "Yes" : "No";
  const sentence = `${counted(times.length, "sample")} of a sine with a period of ${number(period)} ms, ${conditions[condition]}: ` +
    `${number((times.length * period) / (stop - start))} in a period on average. Does the period lie between 5 and 6 ms? ${answer}.`;
  return { panels, sentence, formula: [] };
}

export const render = liveFigure(scene);
