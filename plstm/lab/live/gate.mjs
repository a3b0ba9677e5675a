// Gate explorer: phase, openness and its slope by the period, with the formula in current numbers.

import { gate, gateCurve, gateSlopes, number, phase, ticksAboutZero } from "./equations.mjs";
import { liveFigure } from "./figure.mjs";

/**
 * @param {{ period: number, shift: number, ratio_on: number, leak: number, shape: Live.Shape, t: number }} values
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
 * @param {{ period: number, shift: number, ratio_on: number, leak: number, shape: Live.Shape, t: number }} values
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
  const reach = Math.max(...curve.slope.map((v) => Math.abs(v ?? 0)), Math.abs(slope.period), 1e-9);
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
      { kind: "area", colour: "openness", x: curve.t, y: curve.k },
      { ...here, y: [0, 1.05] },
      { kind: "points", colour: "openness", x: [t], y: [k], size: 7 },
    ] },
    { ...shared, title: `slope ∂k/∂τ${square ? ", borrowed from the triangle" : ""}`, y: [-1.1 * reach, 1.1 * reach], yticks: ticksAboutZero(-reach, reach), xlabel: "time t", marks: [
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

export const render = liveFigure(scene);
