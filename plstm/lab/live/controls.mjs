// Controls of a figure: native inputs with labels, values that can be typed, reset, and a link that keeps the state.

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
 * "r_on" in the text of a label, a title or a formula becomes r with a lower "on".
 * @param {string} text
 */
export function withSubscripts(text) {
  const parts = text.split("r_on");
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
 * The same for what somebody typed or a link holds: null where it makes no sense.
 * @param {Live.Slider} spec
 * @param {number | string} asked
 */
function typedNumber(spec, asked) {
  const value = typeof asked === "string" ? (asked.trim() === "" ? NaN : Number(asked.replace("−", "-"))) : asked;
  return Number.isFinite(value) ? clamped(spec, value) : null;
}

/**
 * The value nearest to what was asked for that a control can take, or null where it makes no sense.
 * @param {Live.Control} spec
 * @param {any} asked
 */
export function sensible(spec, asked) {
  if (spec.kind === "choice") return Object.hasOwn(spec.options, asked) ? asked : null;
  return typedNumber(spec, asked);
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
 * What is said when a typed value was not taken as it stood.
 * @param {Live.Slider} spec
 */
const kept = (spec) =>
  `${spec.label}: ${spec.integer ? "whole numbers " : ""}from ${number(spec.low)} to ${number(spec.high)}`;

/**
 * @param {Live.Slider} spec
 * @param {string} id
 * @param {Live.Colours} colours
 * @param {(value: number | null, words?: string) => void} change
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
  typed.addEventListener("change", () => {
    const taken = typedNumber(spec, typed.value);
    change(taken, taken === null || taken !== Number(typed.value) ? kept(spec) : "");
  });
  // The browser's own arrows would add 1 to whatever is there, which for an open share is everything.
  typed.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    if (event.key === "ArrowUp") range.stepUp();
    else range.stepDown();
    range.dispatchEvent(new Event("input"));
  });
  /** @param {number} value */
  const show = (value) => {
    range.valueAsNumber = places ? nearestStop(places, value) : value;
    range.style.setProperty("--at", `${(100 * (range.valueAsNumber - scale.min)) / (scale.max - scale.min)}%`);
    range.setAttribute("aria-valuetext", `${number(value)}${spec.unit ? ` ${spec.unit}` : ""}`);
    typed.value = String(Number(value.toPrecision(6)));
  };
  const unit = element("span", { className: "plstm-unit" }, spec.unit);
  return { node: element("div", { className: "plstm-control" }, label, range, element("span", {}, typed, unit)), show };
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
 * The part of the address after # as figure -> control -> text; whatever it cannot read it leaves out.
 * @param {string} fragment
 */
export function readFragment(fragment) {
  /** @type {Record<string, Record<string, string>>} */
  const found = {};
  for (const part of fragment.replace(/^#/, "").split("&")) {
    const match = part.match(/^([\w-]+)\.(\w+)=(.*)$/);
    if (match) {
      let text = match[3];
      try { text = decodeURIComponent(text); } catch { continue; }
      (found[match[1]] ??= {})[match[2]] = text;
    }
  }
  return found;
}

/** @param {Record<string, Live.Values>} all */
export function writeFragment(all) {
  const parts = Object.entries(all).flatMap(([figure, values]) =>
    Object.entries(values).map(([name, value]) => `${figure}.${name}=${encodeURIComponent(value)}`));
  return `#${parts.join("&")}`;
}

/**
 * Builds the controls of one figure. ``key`` names it in the address; ``changed(values)`` hears of every move. What
 * more there is to link to, ``link.give()`` tells as texts by name, and ``link.take(texts)`` gets back.
 * @param {Live.Config} config
 * @param {string} key
 * @param {(values: Live.Values) => void} changed
 * @param {Live.Link} link
 */
export function controlPanel(config, key, changed, link = { give: () => ({}), take: () => {} }) {
  const specs = Object.fromEntries(config.controls.map((spec) => [spec.name, spec]));
  /** @type {Live.Values} */
  const values = { ...config.values };
  /** @type {Record<string, Live.Part>} */
  const parts = {};
  const said = element("span", { className: "plstm-said", role: "status" });

  /**
   * Sets what makes sense of ``asked`` and leaves the rest as it is. ``words`` are shown beside the buttons.
   * @param {Live.Values} asked
   * @param {string} words
   */
  function set(asked, words = "") {
    for (const [name, wanted] of Object.entries(asked)) {
      const value = Object.hasOwn(specs, name) ? sensible(specs[name], wanted) : null;
      if (value !== null) values[name] = value;
    }
    for (const name of Object.keys(specs)) parts[name].show(values[name]);
    said.textContent = words;
    changed({ ...values });
  }

  for (const spec of config.controls) {
    /**
     * @param {any} value
     * @param {string} [words]
     */
    const change = (value, words) => set({ [spec.name]: value }, words);
    const id = `plstm-${key}-${spec.name}`;
    parts[spec.name] = spec.kind === "choice" ? choice(spec, id, change) : slider(spec, id, config.colours, change);
  }
  const reset = element("button", { type: "button", onclick: () => set(config.values) }, "Reset");
  const share = element("button", { type: "button" }, "Link to this");
  share.addEventListener("click", async () => {
    // What a link is about comes last: there the page goes when it opens.
    const others = readFragment(location.hash);
    delete others[key];
    history.replaceState(history.state, "", writeFragment({ ...others, [key]: { ...values, ...link.give() } }));
    let where = "The link is in the address bar.";
    try {
      await navigator.clipboard.writeText(location.href);
      where = "Link copied.";
    } catch { /* Without the permission to copy, the address bar has it. */ }
    said.textContent = where;
  });
  const fromAddress = () => {
    const asked = readFragment(location.hash)[key] ?? {};
    link.take(asked);
    set(asked);
  };
  const isLinked = () => Object.keys(readFragment(location.hash)).at(-1) === key;
  const buttons = element("div", { className: "plstm-buttons" }, reset, share, said);
  const node = element("div", { className: "plstm-controls" }, ...Object.values(parts).map((part) => part.node));
  return { node, buttons, set, values: () => ({ ...values }), fromAddress, isLinked };
}
