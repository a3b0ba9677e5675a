// What "train here" shows: how both networks learn, one sequence, the rhythm, and the gradient against the lag.

import { number, percent, range } from "./equations.mjs";
import { SIDE } from "./trainer_tasks.mjs";

/** @type {[name: Train.Name, title: string, colour: string][]} */
export const BOTH = [["lstm", "LSTM", "lstm"], ["phased", "Phased LSTM", "phased-lstm"]];
const AVERAGED = 20;
const DRAWN = 400;
const FLOOR = 1e-6;

/**
 * The means of the last few values, at not more places than a picture can show.
 * @param {number[]} values
 * @returns {{ at: number[], means: number[] }}
 */
export function smoothed(values) {
  const every = Math.max(1, Math.ceil(values.length / DRAWN));
  /** @type {{ at: number[], means: number[] }} */
  const found = { at: [], means: [] };
  let sum = 0;
  values.forEach((value, n) => {
    sum += value - (n >= AVERAGED ? values[n - AVERAGED] : 0);
    if (n % every && n < values.length - 1) return;
    found.at.push(n + 1);
    found.means.push(sum / Math.min(n + 1, AVERAGED));
  });
  return found;
}

/**
 * Loss and right answers of both networks as they come, and on what they never learned from.
 * @param {Train.Point[]} points
 * @param {Train.Test[]} tests
 * @param {number} guess
 * @param {string} right what a right answer is
 * @returns {Live.Panel[]}
 */
export function learningPanels(points, tests, guess, right) {
  /** @type {Live.Ends} */
  const x = [0, Math.max(200, points.length)];
  const top = 1.4 * guess;
  /**
   * @param {"loss" | "right"} part
   * @param {number} most
   */
  const curves = (part, most) => BOTH.flatMap(([name, label, colour]) => {
    const { at, means } = smoothed(points.map((point) => point[part][name]));
    /** @type {Live.Line} */
    const line = { kind: "line", colour, x: at, y: means, label, dash: name === "lstm" };
    /** @type {Live.Points} */
    const dots = { kind: "points", colour, size: 6, x: tests.map((test) => test.update),
      y: tests.map((test) => Math.min(test[part][name], most)) };
    return [line, dots];
  });
  const tick = Number((guess / 2).toPrecision(1));
  return [
    { title: "loss", x, y: [0, top], height: 92, yticks: [0, tick, 2 * tick], xlabel: "", log: false,
      marks: [{ kind: "line", colour: "ink", x, y: [guess, guess], width: 0.75, dash: true, label: "a guess" },
        ...curves("loss", top)] },
    { title: `${right} (dots: never learned from)`, x, y: [0, 1], height: 92, yticks: [0, 0.5, 1], xlabel: "updates", log: false,
      marks: curves("right", 1) },
  ];
}

/** @type {Record<string, string[]>} */
const CLASSES = { sines: ["period 5", "period 7"], turned: ["period 5", "period 7"], first: ["−1", "+1"] };

/**
 * @param {string} task
 * @param {number} target
 */
const className = (task, target) => CLASSES[task]?.[target] ?? String(target);

/** @param {number[]} answers */
function softmaxed(answers) {
  const top = Math.max(...answers);
  const parts = answers.map((answer) => Math.exp(answer - top));
  const sum = parts.reduce((a, b) => a + b);
  return parts.map((part) => part / sum);
}

/**
 * One sequence as both networks read it.
 * @param {Train.Look} look
 * @param {string} task
 * @param {number} width of the picture: a digit's pixels are square
 * @returns {{ panels: Live.Panel[], words: string }}
 */
export function sampleView({ sequence, features, views }, task, width) {
  const times = [...sequence.times];
  const end = times[times.length - 1];
  /** @type {Live.Ends} */
  const x = [0, end];
  const values = range(times.length, (n) => sequence.x[n * features]);
  const reach = Math.max(1, ...values.map(Math.abs));
  /** @type {Live.Mark[]} */
  let marks = [
    { kind: "line", colour: "ink", x: times, y: values, width: 0.75 }, { kind: "points", colour: "ink", x: times, y: values, size: 3.5 },
  ];
  /** @type {Live.Panel[]} */
  const panels = [];
  if (task === "digits") {
    const dark = range(SIDE * SIDE).filter((p) => values[p] > 0);
    panels.push({ title: "the digit", x: [0, (width - 52) / 6], y: [SIDE, 0], height: 6 * SIDE, yticks: [], xlabel: "", log: false,
      marks: [{ kind: "cells", colour: "ink", x: dark.map((p) => 1 + (p % SIDE)), y: dark.map((p) => Math.floor(p / SIDE)),
        opacity: dark.map((p) => values[p]) }] });
    marks = [{ kind: "area", colour: "ink", x: times, y: values }];
  }
  if (task === "adding") {
    const marked = times.filter((_, n) => sequence.x[n * features + 1] > 0);
    marks.push({ kind: "points", colour: "cell", x: marked, y: marked.map((t) => values[times.indexOf(t)]), size: 10, label: "marked" });
  }
  const low = task === "digits" ? 0 : -reach;
  panels.push({ title: task === "digits" ? "its pixels, row by row" : "what the networks read", x, y: [low, reach], height: 60,
    yticks: task === "digits" ? [0, 1] : [-1, 0, 1].filter((v) => Math.abs(v) <= reach), xlabel: "", log: false, marks });
  const at = [0, ...times];
  if (task === "adding") {
    const answers = BOTH.map(([name]) => views[name].answers.map((answer) => answer[0]));
    panels.push({ title: "what they would answer if it ended here", x, y: [-1, 1], height: 84, yticks: [-1, 0, 1], xlabel: "time",
      log: false, marks: [{ kind: "line", colour: "cell", x, y: [sequence.target, sequence.target], label: "the sum" }, ...lines(answers, at)] });
    const said = answers.map((answer) => answer[answer.length - 1].toFixed(2).replace("-", "−"));
    return { panels, words: `The sum is ${sequence.target.toFixed(2).replace("-", "−")}. The LSTM answers ${said[0]}, the Phased LSTM ${said[1]}.` };
  }
  const odds = BOTH.map(([name]) => views[name].answers.map(softmaxed));
  const truth = className(task, sequence.target);
  panels.push({ title: `probability of the right answer (${truth}), as it is read`, x, y: [0, 1], height: 84, yticks: [0, 0.5, 1],
    xlabel: "time", log: false, marks: lines(odds.map((each) => each.map((p) => p[sequence.target])), at) });
  const said = odds.map((each) => {
    const last = each[each.length - 1];
    const best = last.indexOf(Math.max(...last));
    return `${className(task, best)} (${percent(last[best])})`;
  });
  return { panels, words: `The right answer is ${truth}. The LSTM says ${said[0]}, the Phased LSTM ${said[1]}.` };
}

/**
 * @param {number[][]} values of the LSTM and of the Phased LSTM
 * @param {number[]} x
 * @returns {Live.Line[]}
 */
const lines = (values, x) => BOTH.map(([name, label, colour], n) =>
  ({ kind: "line", colour, x, y: values[n], label, dash: name === "lstm" }));

/**
 * When units are open on one sequence, and how their periods move.
 * @param {Train.Look} look
 * @param {Train.Point[]} moves points that hold periods
 * @param {number} updates
 * @returns {{ panels: Live.Panel[], words: string }}
 */
export function rhythmView({ sequence, rhythm }, moves, updates) {
  const { period, shift, ratio_on: ratio } = rhythm;
  const end = sequence.times[sequence.times.length - 1];
  const units = period.length;
  const order = range(units).sort((a, b) => period[a] - period[b]);
  /** @type {Live.Rows["runs"]} */
  const runs = [];
  order.forEach((unit, row) => {
    const tau = period[unit];
    // Windows narrower than a third of a pixel make one dark row.
    if (tau < end / 2000) return void runs.push([row, 0, end]);
    for (let n = Math.floor(-shift[unit] / tau); shift[unit] + n * tau < end; n++) {
      const from = shift[unit] + n * tau;
      if (from + ratio[unit] * tau > 0) runs.push([row, Math.max(from, 0), Math.min(from + ratio[unit] * tau, end)]);
    }
  });
  const all = [...moves.flatMap((point) => point.periods ?? []), ...period];
  const low = 10 ** Math.floor(Math.log10(Math.max(1e-3, Math.min(...all))));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...all) * 1.0001));
  const every = Math.max(1, Math.ceil(moves.length / 100));
  const kept = moves.filter((_, n) => n % every === 0 || n === moves.length - 1);
  /** @type {Live.Line[]} */
  const drawn = range(units, (unit) => ({ kind: "line", colour: "period", width: 1,
    x: [...kept.map((point) => point.update), Math.max(updates, 1)], y: [...kept.map((point) => point.periods?.[unit] ?? null), period[unit]] }));
  /** @type {Live.Panel[]} */
  const panels = [
    { title: "when each unit of the Phased LSTM is open, by period", x: [0, end], y: [0, units], height: Math.min(10 * units, 160),
      yticks: [1, units], xlabel: "time in the sequence", log: false, marks: [{ kind: "rows", colour: "openness", runs, label: "open" }] },
    { title: "periods τ as they are learned", x: [0, Math.max(200, updates)], y: [low, high], height: 92, yticks: powers(low, high),
      xlabel: "updates", log: true, marks: drawn },
  ];
  const share = ratio.reduce((a, b) => a + b) / units;
  const [least, most] = [order[0], order[units - 1]].map((unit) => number(period[unit]));
  return { panels, words: `The periods go from ${least} to ${most}; a unit is open for ${percent(share)} of the time.` };
}

/**
 * @param {number} low
 * @param {number} high
 */
const powers = (low, high) => range(Math.round(Math.log10(high / low)) + 1, (n) => low * 10 ** n);

/**
 * How much of the gradient at the end gets back so many steps.
 * @param {Train.Look} look
 * @returns {{ panels: Live.Panel[], words: string }}
 */
export function gradientView({ views }) {
  const steps = views.lstm.lags.length - 1;
  const shares = BOTH.map(([name]) => Array.from(views[name].lags, (size, lag) => (lag ? size / views[name].lags[0] : 1)));
  const most = Math.max(...shares.flat().filter(Number.isFinite), 1);
  const high = 10 ** Math.ceil(Math.log10(Math.min(most, 1e6)));
  /** @param {number} share */
  const words = (share) => (share >= FLOOR ? percent(share) : "less than a millionth");
  /** @type {Live.Panel[]} */
  const panels = [
    { title: "gradient by the state, as a share of that at the end", x: [0, steps], y: [FLOOR, high], height: 150,
      yticks: powers(FLOOR, high).filter((_, n) => n % 2 === 0), xlabel: "steps back from the end", log: true,
      marks: lines(shares, range(steps + 1)) },
  ];
  return { panels, words: `At the first of ${steps} steps there is left: LSTM ${words(shares[0][steps])}, Phased LSTM ${words(shares[1][steps])}.` };
}
