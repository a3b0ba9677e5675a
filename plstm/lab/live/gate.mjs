// Gate explorer: phase, openness and its slope by the period, with the formula in current numbers.

import { element } from "./controls.mjs";
import { gate, gateCurve, gateSlopes, number, phase, roundedUp } from "./equations.mjs";
import { liveFigure } from "./figure.mjs";
import { player } from "./player.mjs";

/** @typedef {{ period: number, shift: number, ratio_on: number, leak: number, shape: Live.Shape, t: number }} Values */

// The panel with the triangle.
const OPENNESS = 1;

/**
 * @param {Values} values
 * @param {number} phi
 * @param {number} openness
 * @param {Record<"period" | "shift" | "ratio_on", number>} slope
 * @param {number} branch
 * @returns {Live.FormulaLine[]}
 */
function formula({ period, shift, ratio_on, leak, shape, t }, phi, openness, slope, branch) {
  const [tau, s, r] = [`{period:${number(period)}}`, `{shift:${number(shift)}}`, `{ratio_on:${number(ratio_on)}}`];
  const [k, at] = [`{openness:${number(openness)}}`, number(phi)];
  /** @type {Live.FormulaLine[]} */
  const lines = [[`φ = frac((t − s) / τ) = frac((${number(t)} − ${s}) / ${tau}) = ${at}`, true]];
  const closed = ["α φ", `${number(leak)} · ${at}`, "otherwise, closed"];
  let branches = [
    ["2 φ / r_on", `2 · ${at} / ${r}`, "φ < r_on / 2, rising"],
    ["2 − 2 φ / r_on", `2 − 2 · ${at} / ${r}`, "r_on / 2 ≤ φ < r_on, falling"],
    closed,
  ];
  let chosen = branch;
  if (shape !== "triangle") {
    const gaussian = ["exp(−18 (φ / r_on − ½)²)", `exp(−18 (${at} / ${r} − ½)²)`, "φ < r_on, open"];
    const square = ["1", "1", "φ < r_on, open"];
    branches = [{ square, gaussian }[shape], closed];
    chosen = Number(branch === 2);
  }
  branches.forEach(([symbols, numbers, condition], i) => {
    const steps = i === chosen ? [symbols, numbers, k] : [symbols];
    lines.push([`k = ${(symbols === "1" ? steps.slice(-1) : steps).join(" = ")}   (${condition})`, i === chosen]);
  });
  /** @type {[name: keyof typeof slope, symbol: string][]} */
  const by = [["period", "τ"], ["shift", "s"], ["ratio_on", "r_on"]];
  lines.push([by.map(([name, symbol]) => `∂k/∂${symbol} = {${name}:${number(slope[name])}}`).join("   "), true]);
  return lines;
}

/**
 * What of the triangle can be dragged: its peak moves the shift, its foot the open share, the next opening the period.
 * @param {Values} values
 * @param {number} until
 * @returns {Live.Hand[]}
 */
function handles({ period, shift, ratio_on }, until) {
  // The first whole opening from the shift on: further left, a longer period would move an opening to the left.
  const n = Math.max(0, Math.ceil(-shift / period - 1e-9));
  const start = shift + n * period;
  const peak = start + (ratio_on * period) / 2;
  /** @type {Live.Hand[]} */
  const all = [
    { name: "ratio_on", x: start + ratio_on * period, y: 0, drag: (t) => ({ ratio_on: (t - start) / period }) },
    { name: "period", x: start + period, y: 0, drag: (t) => ({ period: (t - shift) / (n + 1) }) },
    { name: "shift", x: peak, y: 1, drag: (t) => ({ shift: shift + t - peak }) },
  ];
  return all.filter(({ x }) => x <= until);
}

/**
 * @param {Values} values
 * @param {{ until: number }} data
 * @returns {Live.Scene}
 */
export function scene(values, { until }) {
  const { period, shift, ratio_on, t } = values;
  const k = gate(t, values);
  const phi = phase(t, period, shift);
  const slope = gateSlopes(t, values);
  const square = values.shape === "square";
  const curve = gateCurve(values, until);
  const reach = roundedUp(Math.max(...curve.slope.map((v) => Math.abs(v ?? 0)), Math.abs(slope.period), 1e-9));
  // A leak is too small to be seen, and still it is what lets a closed gate learn.
  const leaking = values.leak > 0 ? `closed: up to ${number(values.leak)}` : "always 0 when closed";
  /** @type {Live.Points[]} */
  const grips = handles(values, until).map(({ name, x, y }) => ({ kind: "points", colour: name, x: [x], y: [y], size: 11 }));
  /** @type {Omit<Live.Line, "y">} */
  const here = { kind: "line", colour: "ink", x: [t, t], width: 1 };
  /** @type {{ x: Live.Ends, xlabel: string, log: boolean, height: number }} */
  const shared = { x: [0, until], xlabel: "", log: false, height: 90 };
  /** @type {Live.Panel[]} */
  const panels = [
    { ...shared, title: "phase φ", y: [0, 1], yticks: [0, 1], marks: [
      { kind: "band", colour: "ratio_on", over: [0, ratio_on], label: "open" },
      { kind: "line", colour: "lstm", x: curve.t, y: curve.phase },
      { ...here, y: [0, 1] },
      { kind: "points", colour: "ink", x: [t], y: [phi], size: 7 },
    ] },
    { ...shared, title: "openness k", y: [0, 1.05], yticks: [0, 1], height: 120, marks: [
      { kind: "area", colour: "openness", x: curve.t, y: curve.k, label: leaking },
      { ...here, y: [0, 1.05] },
      { kind: "points", colour: "openness", x: [t], y: [k], size: 7 },
      ...grips,
    ] },
    { ...shared, title: `slope ∂k/∂τ${square ? ", borrowed from the triangle" : ""}`, y: [-1.1 * reach, 1.1 * reach],
      yticks: [-reach, 0, reach], xlabel: "time t", steady: true, marks: [
      { kind: "line", colour: "period", x: curve.t, y: curve.slope },
      { ...here, y: [-1.1 * reach, 1.1 * reach] },
      { kind: "points", colour: "period", x: [t], y: [slope.period], size: 7 },
    ] },
  ];
  const branch = phi >= ratio_on ? 2 : Number(phi >= ratio_on / 2);
  const state = (square ? ["open", "open", "closed"] : ["rising", "falling", "closed"])[branch];
  const sentence = `At t = ${number(t)} the gate is ${state}: phase ${number(phi)}, openness k = ${number(k)}. ` +
    `It opens every ${number(period)} and stays open for ${number(ratio_on * period)}.`;
  return { panels, sentence, formula: formula(values, phi, k, slope, branch) };
}

/**
 * The first opening can be dragged, and time can run.
 * @param {Live.Spec<{ until: number }>} spec
 * @param {Live.Handle} figure
 * @returns {Live.Extra}
 */
function furnish({ data: { until } }, figure) {
  const play = player({
    end: until, grain: 0.1, coarse: 5, rate: () => until / 20,
    at: () => figure.values().t, move: (t) => figure.set({ t }),
  });
  const advice = element("p", { className: "plstm-advice" }, "Drag the coloured points: the upper one moves the shift, the one " +
    "at the foot the open share, the one at the next opening the period. Anywhere else the time follows the pointer.");
  return {
    nodes: [], buttons: [play.button], below: [advice], show: ({ t }) => play.heard(t),
    hands: (values) => handles(values, until).map((hand) => ({ ...hand, panel: OPENNESS })),
  };
}

export const render = liveFigure(scene, furnish);
