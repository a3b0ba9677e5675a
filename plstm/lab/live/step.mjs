// One step, with its numbers: a walk through a step of the Phased LSTM, forwards and back, with the LSTM's beside it.

import { addStyle, announcer } from "./figure.mjs";
import { boundPanel } from "./bound_panel.mjs";
import { element, withSubscripts } from "./controls.mjs";
import { gateCurve, held, range } from "./equations.mjs";
import { drawPanels } from "./plot.mjs";
import { backwards, forwards, GATES, INPUTS, TIMES, UNITS, WEIGHTS } from "./step_numbers.mjs";
import { addStepStyle } from "./step_style.mjs";
import { digits, linesOf, PARTS, sentenceOf, WITHOUT_CLOCK } from "./step_words.mjs";

const END = 12;
const COLUMNS = ["bias", "× x", "× h′ of unit 1", "× h′ of unit 2"];
const ROWS = { i: "input gate i", f: "forget gate f", g: "candidate g", o: "output gate o" };
/** @type {[name: Step.RhythmName, label: string, low: number, high: number][]} */
const RHYTHM = [["period", "period τ", 0.5, 100], ["shift", "shift s", -100, 100], ["ratio_on", "open share r_on", 0.01, 1]];

/**
 * The weights as a text for a link, and back; null where it makes no sense.
 * @param {Step.Unit[]} weights
 */
export const weightsText = (weights) =>
  weights.flatMap((unit) => [...GATES.flatMap((name) => unit[name]), ...RHYTHM.map(([name]) => unit[name])]).join("_");

/**
 * @param {string} text
 * @returns {Step.Unit[] | null}
 */
export function weightsFrom(text) {
  const numbers = text.split("_").map((part) => (part === "" ? NaN : Number(part)));
  const size = 4 * GATES.length + RHYTHM.length;
  if (numbers.length !== UNITS * size || !numbers.every((value) => Math.abs(value) <= 100)) return null;
  const units = range(UNITS, (j) => {
    const own = numbers.slice(j * size, (j + 1) * size);
    const [i, f, g, o] = range(4, (n) => own.slice(4 * n, 4 * n + 4));
    const [period, shift, ratio] = own.slice(16);
    return { i, f, g, o, period, shift, ratio_on: ratio };
  });
  return units.every((unit) => RHYTHM.every(([name, , low, high]) => unit[name] >= low && unit[name] <= high)) ? units : null;
}

/**
 * Brings the figure into ``el``. The model has ``spec``, ``unit``, ``step`` and ``part``, and may have ``weights``, a text
 * as in a link.
 * @param {{ model: Train.Model, el: HTMLElement }} given
 * @returns {() => void} what ends it
 */
export function render({ model, el }) {
  addStyle();
  addStepStyle();
  el.classList.add("plstm-live");
  const key = model.get("key") || "step";
  let weights = weightsFrom(model.get("weights") || "") ?? structuredClone(WEIGHTS);
  const announced = announcer();
  const picture = element("div", { className: "plstm-picture", role: "img" });
  const table = element("div", { className: "plstm-walk" });
  const sentence = element("p", { className: "plstm-sentence" });
  const edited = () => weightsText(weights) !== weightsText(WEIGHTS);
  /** @returns {Record<string, string>} */
  const give = () => (edited() ? { weights: weightsText(weights) } : {});
  const panel = boundPanel(model, key, draw, give);
  const { colours } = panel.spec;
  const parts = Object.keys(PARTS);
  const back = element("button", { type: "button" }, "Back");
  const next = element("button", { type: "button", className: "plstm-main" }, "Next");
  const walk = element("div", { className: "plstm-run" }, back, next);
  const editor = weightEditor();
  el.append(panel.node, picture, walk, table, sentence, editor.node, panel.buttons, announced.node);

  /** The inputs for the weights of the unit that is looked at. */
  function weightEditor() {
    /** @type {{ input: HTMLInputElement, get: (unit: Step.Unit) => number }[]} */
    const all = [];
    /**
     * @param {string} label
     * @param {[low: number, high: number]} ends
     * @param {(unit: Step.Unit) => number} get
     * @param {(unit: Step.Unit, value: number) => void} put
     */
    function field(label, [low, high], get, put) {
      const input = element("input", { type: "number", step: "any", min: low, max: high, "aria-label": label });
      input.addEventListener("change", () => {
        const value = input.value.trim() === "" ? NaN : Number(input.value);
        if (Number.isFinite(value)) put(weights[Number(panel.values().unit) - 1], Math.min(Math.max(value, low), high));
        model.set("weights", weightsText(weights));
        panel.set({});
      });
      all.push({ input, get });
      return input;
    }
    const headers = element("tr", {}, element("td"), ...COLUMNS.map((words) => element("th", { scope: "col" }, words)));
    const rows = GATES.map((name) => element("tr", {}, element("th", { scope: "row" }, ROWS[name]),
      ...COLUMNS.map((words, n) => element("td", {}, field(`${ROWS[name]}, ${words}`, [-100, 100],
        (unit) => unit[name][n], (unit, value) => { unit[name][n] = value; })))));
    const rhythm = RHYTHM.map(([name, words, low, high]) => element("label", {}, ...withSubscripts(words), " ",
      field(words, [low, high], (unit) => unit[name], (unit, value) => { unit[name] = value; })));
    const reset = element("button", { type: "button" }, "Weights as at first");
    reset.addEventListener("click", () => {
      weights = structuredClone(WEIGHTS);
      model.set("weights", "");
      panel.set({});
    });
    const title = element("summary", {});
    const node = element("details", { className: "plstm-weights" }, title,
      element("div", { className: "plstm-wide", tabIndex: 0, role: "region", "aria-label": "weights" }, element("table", {}, headers, ...rows)),
      element("div", { className: "plstm-buttons" }, ...rhythm, reset));
    /** @param {number} unit */
    const show = (unit) => {
      title.textContent = `Weights of unit ${unit + 1}: change them`;
      for (const { input, get } of all) input.value = String(get(weights[unit]));
    };
    return { node, show };
  }

  /** @param {Live.Values} now */
  function draw({ unit: chosen, step, part }) {
    const unit = Number(chosen) - 1;
    const runs = [true, false].map((phased) => forwards(weights, phased));
    const slopes = runs.map((steps) => backwards(weights, steps, unit));
    const [phased, lstm] = runs;
    const curve = gateCurve({ period: weights[unit].period, shift: weights[unit].shift, ratio_on: weights[unit].ratio_on }, END);
    const t = TIMES[step - 1];
    /** @type {{ x: Live.Ends, log: boolean }} */
    const shared = { x: [0, END], log: false };
    const states = runs.map((steps) => steps.map((each) => each.units[unit].c));
    const reach = Math.max(1, ...states.flat().map(Math.abs));
    /** @type {(y: Live.Ends) => Live.Line} */
    const here = (y) => ({ kind: "line", colour: "ink", x: [t, t], y, width: 1 });
    /** @type {(label: string, colour: string, at: number, dash: boolean) => Live.Line} */
    const stairs = (label, colour, at, dash) => {
      const [x, y] = held([0, ...TIMES], [0, ...states[at]], END);
      return { kind: "line", colour, x, y, label, dash };
    };
    const k = phased.map((each) => each.units[unit].k);
    drawPanels(picture, [
      { ...shared, title: "input x", y: [-1.1, 1.1], height: 48, yticks: [-1, 0, 1], xlabel: "",
        marks: [here([-1.1, 1.1]), { kind: "points", colour: "ink", x: TIMES, y: INPUTS, size: 5 },
          { kind: "points", colour: "period", x: [t], y: [INPUTS[step - 1]], size: 9 }] },
      { ...shared, title: `openness k of unit ${unit + 1}`, y: [0, 1], height: 48, yticks: [0, 1], xlabel: "",
        marks: [{ kind: "area", colour: "openness", x: curve.t, y: curve.k }, here([0, 1]),
          { kind: "points", colour: "openness", x: TIMES, y: k, size: 6 }] },
      { ...shared, title: `cell state c of unit ${unit + 1}`, y: [-reach, reach], height: 72, yticks: [-1, 0, 1], xlabel: "time t",
        marks: [stairs("LSTM", "lstm", 1, true), stairs("Phased LSTM", "phased-lstm", 0, false), here([-reach, reach])] },
    ], colours);
    const at = phased[step - 1].units[unit];
    picture.setAttribute("aria-label", `Step ${step} of ${TIMES.length}, at t = ${t}: openness ${digits(at.k)}, new state ${digits(at.c)}; ` +
      `that of the LSTM is ${digits(lstm[step - 1].units[unit].c)}.`);
    const sides = runs.map((steps, n) => (n && WITHOUT_CLOCK[part]) ||
      linesOf({ part, unit, weights: weights[unit], at: steps[step - 1], back: slopes[n][step - 1] }).slice(0, n && part === "back" ? 4 : undefined));
    table.replaceChildren(...sides.map((lines, n) => element("div", { className: n ? "plstm-side" : "plstm-side plstm-phased" },
      element("p", { className: "plstm-name" }, n ? "LSTM" : "Phased LSTM"),
      element("dl", {}, ...lines.flatMap(([words, numbers]) =>
        [element("dt", {}, ...withSubscripts(words)), element("dd", {}, ...withSubscripts(numbers))])))));
    const intro = part === "back" ? `L is the output h of unit ${unit + 1} after the last step. ` : "";
    sentence.textContent = intro + sentenceOf(part, at, slopes[0][step - 1][unit]);
    announced.say(`${PARTS[part]}. ${sentence.textContent}`);
    back.disabled = part === "input" && step === 1;
    next.disabled = part === "back" && step === TIMES.length;
    next.textContent = part === "back" ? "Next step" : "Next";
    editor.show(unit);
  }

  /** @param {number} by */
  function move(by) {
    const { part, step } = panel.values();
    const place = parts.indexOf(part) + by;
    if (place >= 0 && place < parts.length) panel.set({ part: parts[place] });
    else panel.set({ part: parts[(place + parts.length) % parts.length], step: step + by });
  }
  back.addEventListener("click", () => move(-1));
  next.addEventListener("click", () => move(1));
  const reweighted = () => {
    weights = weightsFrom(model.get("weights") || "") ?? (model.get("weights") ? weights : structuredClone(WEIGHTS));
    panel.set({});
  };
  model.on("change:weights", reweighted);
  let width = el.clientWidth;
  const watcher = new ResizeObserver(() => {
    if (el.clientWidth === width) return;
    width = el.clientWidth;
    draw(panel.values());
  });
  watcher.observe(el);
  panel.take();
  return () => {
    watcher.disconnect();
    panel.leave();
    model.off("change:weights", reweighted);
  };
}
