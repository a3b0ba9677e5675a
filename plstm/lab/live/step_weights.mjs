// The weights of the walk through one step: as a text for a link, and in a table of inputs.

import { element, withSubscripts } from "./controls.mjs";
import { range } from "./equations.mjs";
import { GATES, UNITS, WEIGHTS } from "./step_numbers.mjs";

const COLUMNS = ["bias", "× x", "× h′ of unit 1", "× h′ of unit 2"];
const ROWS = { i: "input gate i", f: "forget gate f", g: "candidate g", o: "output gate o" };
/** @type {[name: Step.RhythmName, label: string, low: number, high: number][]} */
const RHYTHM = [["period", "period τ", 0.5, 100], ["shift", "shift s", -100, 100], ["ratio_on", "open share r_on", 0.01, 1]];

/** @param {Step.Unit[]} weights */
export const weightsText = (weights) =>
  weights.flatMap((unit) => [...GATES.flatMap((name) => unit[name]), ...RHYTHM.map(([name]) => unit[name])]).join("_");

/**
 * The weights of such a text; null where it makes no sense.
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

/** What a model's text stands for: the weights at first where it is empty or makes no sense. @param {string} text */
export const weightsOf = (text) => weightsFrom(text || "") ?? WEIGHTS.map(copied);

/**
 * @param {Step.Unit} unit
 * @returns {Step.Unit}
 */
function copied(unit) {
  return { ...unit, i: [...unit.i], f: [...unit.f], g: [...unit.g], o: [...unit.o] };
}

/**
 * Inputs for the weights of one unit. ``get`` and ``put`` reach the text that holds them, "" for those at first.
 * @param {() => string} get
 * @param {(text: string) => void} put
 */
export function weightEditor(get, put) {
  let unit = 0;
  /** @type {{ input: HTMLInputElement, read: (of: Step.Unit) => number }[]} */
  const fields = [];
  /**
   * @param {string} label
   * @param {[low: number, high: number]} ends
   * @param {(of: Step.Unit) => number} read
   * @param {(of: Step.Unit, value: number) => void} write
   */
  function field(label, [low, high], read, write) {
    const input = element("input", { type: "number", step: "any", min: low, max: high, "aria-label": label });
    input.addEventListener("change", () => {
      const weights = weightsOf(get());
      const value = input.value.trim() === "" ? NaN : Number(input.value);
      if (Number.isFinite(value)) write(weights[unit], Math.min(Math.max(value, low), high));
      put(weightsText(weights) === weightsText(WEIGHTS) ? "" : weightsText(weights));
    });
    fields.push({ input, read });
    return input;
  }
  const headers = element("tr", {}, element("td"), ...COLUMNS.map((words) => element("th", { scope: "col" }, words)));
  const rows = GATES.map((name) => element("tr", {}, element("th", { scope: "row" }, ROWS[name]),
    ...COLUMNS.map((words, n) => element("td", {}, field(`${ROWS[name]}, ${words}`, [-100, 100],
      (of) => of[name][n], (of, value) => { of[name][n] = value; })))));
  const rhythm = RHYTHM.map(([name, words, low, high]) => element("label", {}, ...withSubscripts(words), " ",
    field(words, [low, high], (of) => of[name], (of, value) => { of[name] = value; })));
  const reset = element("button", { type: "button", onclick: () => put("") }, "Weights as at first");
  const title = element("summary", {});
  const table = element("table", {}, headers, ...rows);
  const node = element("details", { className: "plstm-weights" }, title,
    element("div", { className: "plstm-wide", tabIndex: 0, role: "region", "aria-label": "weights" }, table),
    element("div", { className: "plstm-run" }, ...rhythm, reset));
  /** @param {number} chosen */
  const show = (chosen) => {
    unit = chosen;
    title.textContent = `Weights of unit ${unit + 1}: change them`;
    const weights = weightsOf(get());
    for (const { input, read } of fields) input.value = String(read(weights[unit]));
  };
  return { node, show };
}
