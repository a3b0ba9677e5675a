// Population: how well many rhythms cover the time axis, and how seldom each of them updates.

import { counted, number, percent, phase, range, uniform } from "./equations.mjs";
import { liveFigure } from "./figure.mjs";

/**
 * [row, from, to] for every stretch of columns in which a unit is open.
 * @param {boolean[][]} open
 * @param {number[]} edges
 */
function openRuns(open, edges) {
  /** @type {Live.Rows["runs"]} */
  const runs = [];
  open.forEach((columns, row) => {
    let start = -1;
    for (let i = 0; i <= columns.length; i++) {
      if (columns[i] && start < 0) start = i;
      if (!columns[i] && start >= 0) {
        runs.push([row, edges[start], edges[i]]);
        start = -1;
      }
    }
  });
  return runs;
}

/**
 * @param {{ units: number, shortest: number, longest: number, ratio_on: number, until: number, draw: number }} values
 * @param {{ columns: number }} data
 * @returns {Live.Scene}
 */
export function scene({ units, shortest, longest, ratio_on, until, draw }, { columns }) {
  const drawn = range(2 * units, uniform(draw));
  const low = Math.min(shortest, longest);
  const high = Math.max(shortest, longest);
  const periods = drawn.slice(0, units).map((u) => low * (high / low) ** u).sort((a, b) => a - b);
  const shifts = periods.map((period, unit) => drawn[units + unit] * period);
  const edges = range(columns + 1, (i) => (i * until) / columns);
  const times = range(columns, (i) => (edges[i] + edges[i + 1]) / 2);
  const open = periods.map((period, unit) => times.map((t) => phase(t, period, shifts[unit]) < ratio_on));
  const together = times.map((_, i) => open.reduce((sum, row) => sum + Number(row[i]), 0));
  const covered = together.filter((count) => count > 0).length / columns;
  const mean = together.reduce((a, b) => a + b) / columns;
  const share = together.map((count) => count / units);
  const ticks = [...new Set([0, Math.floor(units / 2), units - 1])].sort((a, b) => a - b);
  /** @type {{ x: Live.Ends, xlabel: string, log: boolean }} */
  const shared = { x: [0, until], xlabel: "", log: false };
  /** @type {Live.Panel[]} */
  const panels = [
    { ...shared, title: `units by period, from ${number(periods[0])} below to ${number(periods[units - 1])} above`,
      y: [0, units], height: 220, yticks: ticks.map((tick) => tick + 1),
      marks: [{ kind: "rows", colour: "openness", runs: openRuns(open, edges), label: "open" }] },
    { ...shared, title: "share of the units that is open", y: [0, Math.max(0.1, Math.max(...share) * 1.1)], height: 80,
      yticks: [0, ratio_on], xlabel: "time t", marks: [
        { kind: "area", colour: "openness", x: times, y: share },
        { kind: "line", colour: "ratio_on", x: [0, until], y: [ratio_on, ratio_on], dash: true, label: "r_on" },
      ] },
  ];
  const sentence = `${counted(units, "unit")} with an open share of ${percent(ratio_on)} ${units === 1 ? "covers" : "cover"} ` +
    `${percent(covered)} of the time: then at least one is open. On average a unit is open ` +
    `${percent(mean / units)} of the time, and the number of units open at once is ${number(mean)}.`;
  return { panels, sentence, formula: [] };
}

export const render = liveFigure(scene);
