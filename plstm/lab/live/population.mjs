// Population: how well many rhythms cover the time axis, and how seldom each of them updates.

import { counted, number, percent, range, uniform } from "./equations.mjs";
import { liveFigure } from "./figure.mjs";

const COLUMNS = 400;
// Of the time shown: openings that come faster would run into each other.
const SLOWEST_TINT = 1 / 150;

/**
 * Every opening of a unit between 0 and ``until``.
 * @param {number} period
 * @param {number} shift
 * @param {number} ratioOn
 * @param {number} until
 * @returns {[from: number, to: number][]}
 */
function openings(period, shift, ratioOn, until) {
  /** @type {[from: number, to: number][]} */
  const found = [];
  for (let n = Math.floor(-shift / period); shift + n * period < until; n++) {
    const [from, to] = [Math.max(0, shift + n * period), Math.min(until, shift + (n + ratioOn) * period)];
    if (to > from) found.push([from, to]);
  }
  return found;
}

/**
 * For how long at least one of the openings lasts: exactly, by walking through all their ends in order.
 * @param {[from: number, to: number][]} all
 */
function covered(all) {
  const starts = Float64Array.from(all, ([from]) => from).sort();
  const stops = Float64Array.from(all, ([, to]) => to).sort();
  let [sum, open, since, next] = [0, 0, 0, 0];
  for (const stop of stops) {
    while (next < starts.length && starts[next] <= stop) {
      if (open === 0) since = starts[next];
      open++;
      next++;
    }
    open--;
    if (open === 0) sum += stop - since;
  }
  return sum;
}

/**
 * How many openings there are at once, on average over each column.
 * @param {[from: number, to: number][]} all
 * @param {number} until
 */
function perColumn(all, until) {
  const [wide, counts] = [until / COLUMNS, range(COLUMNS, () => 0)];
  for (const [from, to] of all) {
    for (let i = Math.floor(from / wide); i < COLUMNS && i * wide < to; i++) {
      counts[i] += Math.max(0, Math.min(to, (i + 1) * wide) - Math.max(from, i * wide)) / wide;
    }
  }
  return counts;
}

/**
 * @param {{ units: number, shortest: number, longest: number, ratio_on: number, until: number, draw: number }} values
 * @returns {Live.Scene}
 */
export function scene({ units, shortest, longest, ratio_on, until, draw }) {
  const drawn = range(2 * units, uniform(draw));
  const low = Math.min(shortest, longest);
  const high = Math.max(shortest, longest);
  const periods = drawn.slice(0, units).map((u) => low * (high / low) ** u).sort((a, b) => a - b);
  const open = periods.map((period, unit) => openings(period, drawn[units + unit] * period, ratio_on, until));
  const all = open.flat();
  const cover = covered(all) / until;
  const mean = all.reduce((sum, [from, to]) => sum + to - from, 0) / until;
  const times = range(COLUMNS, (i) => ((i + 0.5) * until) / COLUMNS);
  const share = perColumn(all, until).map((count) => count / units);
  const fast = periods.filter((period) => period < SLOWEST_TINT * until).length;
  /** @type {Live.Rows["runs"]} */
  const runs = open.flatMap((each, row) => (row < fast ? [] : each.map(([from, to]) => [row, from, to])));
  /** @type {Live.Tints["rows"]} */
  const tints = range(fast, (row) => [row, ratio_on]);
  /** @type {Live.Mark[]} */
  const rows = [{ kind: "rows", colour: "openness", label: "open", runs }];
  if (fast > 0) rows.push({ kind: "tints", colour: "openness", label: "pale: too fast to draw", rows: tints });
  const ticks = [...new Set([0, Math.floor(units / 2), units - 1])].sort((a, b) => a - b);
  /** @type {{ x: Live.Ends, xlabel: string, log: boolean }} */
  const shared = { x: [0, until], xlabel: "", log: false };
  /** @type {Live.Panel[]} */
  const panels = [
    { ...shared, title: `units by period, from ${number(periods[0])} below to ${number(periods[units - 1])} above`,
      y: [0, units], height: 220, yticks: ticks.map((tick) => tick + 1), marks: rows },
    { ...shared, title: "share of the units that is open", y: [0, Math.max(0.1, Math.max(...share) * 1.1)], height: 80,
      steady: true, yticks: [0, ratio_on], xlabel: "time t", marks: [
        { kind: "area", colour: "openness", x: times, y: share },
        { kind: "line", colour: "ratio_on", x: [0, until], y: [ratio_on, ratio_on], dash: true, label: "r_on" },
      ] },
  ];
  const sentence = `${counted(units, "unit")} with an open share of ${percent(ratio_on)} ${units === 1 ? "covers" : "cover"} ` +
    `${percent(cover)} of the time: then at least one is open. On average a unit is open ` +
    `${percent(mean / units)} of the time, and the number of units open at once is ${number(mean)}.`;
  return { panels, sentence, formula: [] };
}

export const render = liveFigure(scene);
