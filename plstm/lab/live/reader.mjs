// Digit reader: a trained Phased LSTM and a trained LSTM read a digit pixel by pixel.

import { element } from "./controls.mjs";
import { gate, lstmStep, percent, range, softmax, ticksAboutZero } from "./equations.mjs";
import { liveFigure } from "./figure.mjs";
import { drawingPad, fromText, prepared, toText } from "./drawing_pad.mjs";
import { player } from "./player.mjs";
import { drawPanels } from "./plot.mjs";

const PIXELS = 784;
/** What stands beside Play on a page: it is looked at while the pixels come. */
const DIGIT = "the digit, as far as it is read";
const BELIEFS = "probability of every digit now";
/** @type {[name: Live.Network, title: string, colour: string][]} */
const NETWORKS = [["phased", "Phased LSTM", "phased-lstm"], ["lstm", "LSTM", "lstm"]];

/**
 * Openness of every unit at every pixel, and the units in the order of their periods.
 * @param {Live.ReaderData["networks"]} networks
 * @returns {NonNullable<Live.ReaderData["rhythms"]>}
 */
function rhythms({ phased, lstm }) {
  const { period, shift, ratio_on, shape } = phased;
  /** @param {number} unit */
  const of = (unit) => ({ period: period[unit], shift: shift[unit], ratio_on: ratio_on[unit], shape });
  const open = lstm.bias.slice(0, lstm.bias.length / 4).fill(1);
  // Rows of typed arrays make the steps twice as fast.
  for (const weights of [phased, lstm]) {
    weights.kernel = weights.kernel.map((row) => Float64Array.from(row));
    weights.recurrent_kernel = weights.recurrent_kernel.map((row) => Float64Array.from(row));
  }
  return {
    k: { phased: range(PIXELS, (t) => period.map((_, unit) => gate(t, of(unit)))), lstm: range(PIXELS, () => open) },
    order: range(period.length).sort((a, b) => period[a] - period[b] || a - b),
  };
}

/**
 * Cell states and class probabilities after 0, 1, ... 784 pixels; probabilities when asked for.
 * @param {number[]} x
 * @param {number[][]} k
 * @param {Live.ReaderWeights} weights
 * @returns {Live.Answer}
 */
function readDigit(x, k, weights) {
  let state = { h: k[0].map(() => 0), c: k[0].map(() => 0) };
  const states = [state, ...range(PIXELS, (t) => (state = lstmStep([x[t]], state.h, state.c, k[t], weights)))];
  /** @param {number} step */
  const p = (step) => softmax(Array.from(weights.dense_bias, (bias, j) =>
    states[step].h.reduce((sum, h, n) => sum + h * weights.dense_kernel[n][j], bias)));
  return { c: states.map((each) => each.c), p };
}

/**
 * @param {number[][]} k
 * @param {number[]} order
 */
function openRuns(k, order) {
  /** @type {Live.Rows["runs"]} */
  const runs = [];
  order.forEach((unit, row) => {
    let start = -1;
    for (let t = 0; t <= PIXELS; t++) {
      const open = t < PIXELS && k[t][unit] > 0;
      if (open && start < 0) start = t;
      if (!open && start >= 0) {
        runs.push([row, start, t]);
        start = -1;
      }
    }
  });
  return runs;
}

/**
 * What is read: one of the digits, or what was drawn.
 * @param {{ digit: string, drawing: string }} values
 * @param {Live.ReaderData} data
 */
const pixelsOf = ({ digit, drawing }, data) => (digit === "own" ? prepared(fromText(drawing)) : data.pixels[digit]);

/** @param {number} label */
const a = (label) => (label === 8 ? `an ${label}` : `a ${label}`);

/** @param {number[]} p */
const best = (p) => p.indexOf(Math.max(...p));

/**
 * @param {{ digit: string, step: number, drawing: string }} values
 * @param {Live.ReaderData} data
 * @returns {Live.Scene}
 */
export function scene({ digit, step, drawing }, data) {
  data.rhythms ??= rhythms(data.networks);
  data.answers ??= {};
  const { k, order } = data.rhythms;
  const own = digit === "own";
  const x = pixelsOf({ digit, drawing }, data).map((grey) => grey / 255);
  const answers = (data.answers[own ? drawing : digit] ??= {
    phased: readDigit(x, k.phased, data.networks.phased),
    lstm: readDigit(x, k.lstm, data.networks.lstm),
  });
  data.runs ??= openRuns(k.phased, order);
  const label = own ? null : data.labels[digit];
  const units = order.length;
  const { every, shown } = data;
  // What is read so far: nothing is drawn of what comes later, but the rhythm, which is known before.
  const places = range(Math.ceil(step / every), (i) => i * every).concat(step);
  /** @type {(low: number, high: number) => Live.Line} */
  const here = (low, high) => ({ kind: "line", colour: "ink", x: [step, step], y: [low, high], width: 1 });
  /** @type {{ x: Live.Ends, y: Live.Ends, yticks: number[], xlabel: string, log: boolean }} */
  const shared = { x: [0, PIXELS], y: [0, 1], yticks: [0, 1], xlabel: "", log: false };
  const dark = range(PIXELS).filter((i) => x[i] > 0);
  const opacity = dark.map((i) => (i < step ? x[i] : 0.25 * x[i]));
  /** @type {Live.Cells} */
  const cells = { kind: "cells", colour: "ink", x: dark.map((i) => (i % 28) + 1), y: dark.map((i) => Math.floor(i / 28)), opacity };
  const now = NETWORKS.map(([name]) => answers[name].p(step));
  /** @type {Live.Columns[]} */
  const columns = NETWORKS.map(([, title, colour], i) =>
    ({ kind: "columns", colour, x: range(10, (j) => j + (i ? 0.2 : -0.2)), y: now[i], width: 0.38, label: title }));
  /** @type {Live.Panel[]} */
  const panels = [
    { ...shared, title: DIGIT, x: [0, 150], y: [28, 0], height: 112, yticks: [], marks: [cells] },
    { ...shared, title: BELIEFS, x: [-0.5, 9.5], height: 90, marks: columns, xlabel: "digit", xticks: range(10) },
    { ...shared, title: "its pixels, row by row", height: 44,
      marks: [{ kind: "area", colour: "lstm", x: range(step + 1), y: x.slice(0, step).concat(0) }, here(0, 1)] },
    { ...shared, title: "Phased LSTM: who is open, by period", y: [0, units], height: 110, yticks: [1, units],
      marks: [{ kind: "rows", colour: "openness", runs: data.runs, label: "open" }, here(0, units)] },
  ];
  for (const [name, title] of NETWORKS) {
    const { c } = answers[name];
    const chosen = range(shown, (i) => Math.floor(((i + 0.5) * units) / shown)).map((place) => (name === "phased" ? order[place] : place));
    // The axis is that of the whole digit: it does not move while pixels come.
    const low = Math.min(-1, ...c.map((row) => Math.min(...chosen.map((unit) => row[unit]))));
    const high = Math.max(1, ...c.map((row) => Math.max(...chosen.map((unit) => row[unit]))));
    /** @type {Live.Line[]} */
    const lines = chosen.map((unit) => ({ kind: "line", colour: "cell", x: places, y: places.map((t) => c[t][unit]), width: 1 }));
    panels.push({ ...shared, title: `${title}: cell state c of ${shown} units`, y: [low, high], yticks: ticksAboutZero(low, high), height: 70,
      marks: [...lines, here(low, high)] });
  }
  /** @param {number[]} p */
  const wanted = (p) => (label === null ? Math.max(...p) : p[label]);
  /** @type {Live.Line[]} */
  const overTime = NETWORKS.map(([name, title, colour]) =>
    ({ kind: "line", colour, x: places, y: places.map((t) => wanted(answers[name].p(t))), label: title, dash: name === "lstm" }));
  panels.push({ ...shared, title: `probability of ${label === null ? "the likeliest digit" : a(label)}`, height: 80,
    marks: [...overTime, here(0, 1)], xlabel: "pixels read" });
  /** @param {number[]} p */
  const unsure = (p) => (Math.max(...p) < data.guess ? ", hardly more than a guess" : "");
  const said = now.map((p) => `${best(p)} (${percent(Math.max(...p))}${unsure(p)})`);
  let sentence = `After ${step} of ${PIXELS} pixels the Phased LSTM says ${said[0]} and the LSTM ${said[1]}`;
  sentence += label === null ? "." : `; the digit is ${a(label)}.`;
  if (own && dark.length === 0) sentence = "The drawing is empty. Draw a digit with the pointer, or with the arrow keys and Space.";
  return { panels, sentence, formula: [] };
}

/**
 * The square that shows the digit and can be drawn in, and the buttons that play.
 * @param {Live.Spec<Live.ReaderData>} spec
 * @param {Live.Handle} figure
 * @returns {Live.Extra}
 */
function furnish({ data, colours }, figure) {
  const speeds = { 28: "1 row / s", 112: "4 rows / s", 392: "14 rows / s" };
  const speed = element("select", { "aria-label": "speed" },
    ...Object.entries(speeds).map(([value, words]) => element("option", { value, selected: value === "112" }, words)));
  const play = player({
    end: PIXELS, grain: 1, coarse: 28, rate: () => Number(speed.value),
    at: () => figure.values().step, move: (step) => figure.set({ step }),
  });
  let drawing = "";
  const pad = drawingPad({ begun: play.stop, changed: (drawn) => {
    drawing = toText(drawn);
    figure.set({ digit: "own", step: PIXELS, drawing });
  } });
  const clear = element("button", { type: "button", onclick: pad.clear }, "Clear drawing");
  const advice = element("p", {}, "Draw a digit of your own in the square with a finger or the mouse; or go there with Tab, " +
    "then draw with the arrow keys and Space.");
  const beliefs = element("div", { className: "plstm-beliefs", "aria-hidden": "true" });
  play.button.classList.add("plstm-main");
  const tools = element("div", { className: "plstm-tools" }, play.button, speed, clear, advice);
  const node = element("div", { className: "plstm-drawing-pad" }, ...pad.nodes, element("div", { className: "plstm-beside" }, beliefs, tools));
  /**
   * @param {{ digit: string, step: number, drawing: string }} values
   * @param {Live.Scene} seen
   */
  const show = (values, seen) => {
    const { digit, step } = values;
    // A slider moved by hand, a reset or a link takes over from the animation.
    play.heard(step);
    // So does a drawing from elsewhere: a link, Python, a reset.
    if (values.drawing !== drawing) {
      drawing = values.drawing;
      pad.put(fromText(drawing));
    }
    pad.show({ own: digit === "own", pixels: pixelsOf(values, data), step });
    // After the pad, which leaves it more or less room.
    drawPanels(beliefs, seen.panels.filter(({ title }) => title === BELIEFS), colours);
  };
  return { nodes: [node], instead: [DIGIT, BELIEFS], show };
}

export const render = liveFigure(scene, furnish);
