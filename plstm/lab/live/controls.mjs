// Controls of a figure: native inputs with labels, values that can be typed, and reset.

import { number } from "./equations.mjs";

/**
 * An element with properties, attributes (those with a hyphen) and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} properties
 * @param {...(Node | string)} children
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") node.setAttribute(name, value);
    else Object.assign(node, { [name]: value });
  }
  node.append(...children);
  return node;
}

/**
 * Text in which no line ends between a number and its unit, or beside the sign in "H = 512".
 * @param {string} text
 */
const together = (text) => text.replace(/(?<=\d) (?=%|ms\b|µs)/g, "\u00a0").replace(/(?<=[\w₀]) = (?=[−\d])/g, "\u00a0=\u00a0");

/**
 * "r_on" in the text of a label, a title, a sentence or a formula becomes r with a lower "on".
 * @param {string} text
 */
export function withSubscripts(text) {
  const parts = together(text).split("r_on");
  return parts.flatMap((part, i) => (i ? [element("i", {}, "r"), element("sub", {}, "on"), part] : [part]));
}

/**
 * The number nearest to this one that a slider can take.
 * @param {Live.Slider} spec
 * @param {number} value
 */
function clamped(spec, value) {
  const inside = Math.min(Math.max(value, spec.low), spec.high);
  return spec.integer ? Math.round(inside) : inside;
}

/**
 * The value nearest to what was asked for that a slider can take, or null where it makes no sense; and what to say when
 * it is not what was asked for.
 * @param {Live.Slider} spec
 * @param {any} asked
 * @returns {Live.Taken}
 */
function taken(spec, asked) {
  const text = String(asked).trim().replace("−", "-");
  const wanted = text === "" ? NaN : Number(text);
  const value = Number.isFinite(wanted) ? clamped(spec, wanted) : null;
  if (value === wanted) return { value };
  const whole = spec.integer ? "whole numbers " : "";
  const became = value === null ? "" : `; ${number(wanted)} became ${number(value)}`;
  return { value, said: `${spec.label}: ${whole}from ${number(spec.low)} to ${number(spec.high)}${became}` };
}

/**
 * The same for any control.
 * @param {Live.Control} spec
 * @param {any} asked
 * @returns {Live.Taken}
 */
export function sensible(spec, asked) {
  if (spec.kind === "slider") return taken(spec, asked);
  if (spec.kind === "text") return { value: typeof asked === "string" ? asked : null };
  return { value: Object.hasOwn(spec.options, asked) ? String(asked) : null };
}

const STEPS = 240;

/**
 * The values at which a logarithmic slider stops. Whole numbers come once each: no key press may leave it where it was.
 * @param {Live.Slider} spec
 */
function stops(spec) {
  /** @param {number} position */
  const at = (position) => Number((spec.low * (spec.high / spec.low) ** (position / STEPS)).toPrecision(3));
  const between = Array.from({ length: STEPS - 1 }, (_, i) => clamped(spec, at(i + 1)));
  return [...new Set([spec.low, ...between, spec.high])];
}

/**
 * The place of the stop that is nearest to a value.
 * @param {number[]} places
 * @param {number} value
 */
function nearestStop(places, value) {
  const apart = places.map((stop) => Math.abs(Math.log(stop / value)));
  return apart.indexOf(Math.min(...apart));
}

/**
 * @param {Live.Slider} spec
 * @param {string} id
 * @param {Live.Colours} colours
 * @param {(value: any) => void} change
 * @returns {Live.Part}
 */
function slider(spec, id, colours, change) {
  const range = element("input", { type: "range", id });
  const places = spec.log ? stops(spec) : null;
  const scale = places ? { min: 0, max: places.length - 1, step: 1 } : { min: spec.low, max: spec.high, step: spec.step || 1 };
  Object.assign(range, scale);
  const typed = element("input", {
    type: "number", min: spec.low, max: spec.high, step: "any", inputMode: "decimal",
    "aria-label": `${spec.label}, typed${spec.unit ? ` in ${spec.unit}` : ""}`,
  });
  if (spec.quantity) range.style.setProperty("--accent", colours[spec.quantity]);
  const label = element("label", { for: id }, spec.label);
  if (spec.symbol) {
    const symbol = element("span", { className: "plstm-symbol" }, ...withSubscripts(spec.symbol));
    if (spec.quantity) symbol.style.borderColor = colours[spec.quantity];
    label.append(" ", symbol);
  }
  range.addEventListener("input", () => {
    const asked = Number(range.value);
    change(clamped(spec, places ? places[asked] : asked));
  });
  // The text and not its number: of what is no number the browser would give nothing.
  typed.addEventListener("change", () => change(typed.value));
  // The browser's own arrows would add 1 to whatever is there, which for an open share is everything.
  typed.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    if (event.key === "ArrowUp") range.stepUp();
    else range.stepDown();
    range.dispatchEvent(new Event("input"));
  });
  const note = element("span", { className: "plstm-note", role: "status" });
  /**
   * @param {number} value
   * @param {string} words
   */
  const show = (value, words) => {
    note.textContent = words;
    range.valueAsNumber = places ? nearestStop(places, value) : value;
    range.style.setProperty("--at", `${(100 * (range.valueAsNumber - scale.min)) / (scale.max - scale.min)}%`);
    range.setAttribute("aria-valuetext", `${number(value)}${spec.unit ? ` ${spec.unit}` : ""}`);
    typed.value = String(Number(value.toPrecision(6)));
  };
  const unit = element("span", { className: "plstm-unit" }, spec.unit);
  return { node: element("div", { className: "plstm-control" }, label, range, element("span", {}, typed, unit), note), show };
}

/**
 * @param {Live.Choice} spec
 * @param {string} id
 * @param {(value: string) => void} change
 * @returns {Live.Part}
 */
function choice(spec, id, change) {
  const options = Object.entries(spec.options).map(([value, words]) => element("option", { value }, words));
  const select = element("select", { id }, ...options);
  select.addEventListener("change", () => change(select.value));
  /** @param {string} value */
  const show = (value) => { select.value = value; };
  const label = element("label", { for: id }, spec.label);
  return { node: element("div", { className: "plstm-control plstm-choice" }, label, select), show };
}

/**
 * Builds the controls of one figure. ``id`` begins the names of its elements; ``set(asked)`` hears of every move.
 * @param {Live.Spec} spec
 * @param {string} id
 * @param {(asked: Live.Values) => void} set
 */
export function controlPanel(spec, id, set) {
  /** @type {Record<string, Live.Part>} */
  const parts = {};
  for (const control of spec.controls) {
    /** @param {any} value */
    const change = (value) => {
      said.textContent = "";
      set({ [control.name]: value });
    };
    const own = `${id}-${control.name}`;
    if (control.kind === "choice") parts[control.name] = choice(control, own, change);
    if (control.kind === "slider") parts[control.name] = slider(control, own, spec.colours, change);
  }
  const said = element("span", { className: "plstm-said", role: "status" });
  const reset = element("button", { type: "button" }, "Reset");
  reset.addEventListener("click", () => {
    said.textContent = "";
    set(spec.values);
  });
  /**
   * @param {Live.Values} values
   * @param {Record<string, string>} words
   */
  const show = (values, words) => {
    for (const [name, part] of Object.entries(parts)) part.show(values[name], words[name] ?? "");
  };
  const buttons = element("div", { className: "plstm-buttons" }, reset, said);
  const nodes = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.node]));
  const node = element("div", { className: "plstm-controls" }, ...Object.values(nodes));
  return { node, nodes, buttons, show };
}
