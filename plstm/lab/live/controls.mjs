// Controls of a figure: native inputs with labels, values that can be typed, reset, and a link that keeps the state.

import { number } from "./equations.mjs";

// An element with properties, attributes (those with a hyphen) and children.
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children);
  return node;
}

// "r_on" in the text of a label, a title or a formula becomes r with a lower "on".
export function withSubscripts(text) {
  const parts = text.split("r_on");
  return parts.flatMap((part, i) => (i ? [element("i", {}, "r"), element("sub", {}, "on"), part] : [part]));
}

// The value nearest to what was asked for that a control can take, or null where it makes no sense.
export function sensible(spec, asked) {
  if (spec.kind === "choice") return Object.hasOwn(spec.options, asked) ? asked : null;
  const value = typeof asked === "string" ? (asked.trim() === "" ? NaN : Number(asked.replace("−", "-"))) : asked;
  if (!Number.isFinite(value)) return null;
  const inside = Math.min(Math.max(value, spec.low), spec.high);
  return spec.integer ? Math.round(inside) : inside;
}

const STEPS = 240;

// The values at which a logarithmic slider stops. Whole numbers come once each: no key press may leave it where it was.
function stops(spec) {
  const at = (position) => Number((spec.low * (spec.high / spec.low) ** (position / STEPS)).toPrecision(3));
  const between = Array.from({ length: STEPS - 1 }, (_, i) => sensible(spec, at(i + 1)));
  return [...new Set([spec.low, ...between, spec.high])];
}

// The place of the stop that is nearest to a value.
function nearestStop(places, value) {
  const apart = places.map((stop) => Math.abs(Math.log(stop / value)));
  return apart.indexOf(Math.min(...apart));
}

// What is said when a typed value was not taken as it stood.
const kept = (spec) =>
  `${spec.label}: ${spec.integer ? "whole numbers " : ""}from ${number(spec.low)} to ${number(spec.high)}`;

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
    change(sensible(spec, places ? places[asked] : asked));
  });
  typed.addEventListener("change", () => {
    const taken = sensible(spec, typed.value);
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
  const show = (value) => {
    range.value = places ? nearestStop(places, value) : value;
    range.style.setProperty("--at", `${(100 * (range.value - range.min)) / (range.max - range.min)}%`);
    range.setAttribute("aria-valuetext", `${number(value)}${spec.unit ? ` ${spec.unit}` : ""}`);
    typed.value = String(Number(value.toPrecision(6)));
  };
  const unit = element("span", { className: "plstm-unit" }, spec.unit);
  return { node: element("div", { className: "plstm-control" }, label, range, element("span", {}, typed, unit)), show };
}

function choice(spec, id, change) {
  const options = Object.entries(spec.options).map(([value, words]) => element("option", { value }, words));
  const select = element("select", { id }, ...options);
  select.addEventListener("change", () => change(select.value));
  const show = (value) => { select.value = value; };
  const label = element("label", { for: id }, spec.label);
  return { node: element("div", { className: "plstm-control plstm-choice" }, label, select), show };
}

// The part of the address after # as figure -> control -> text; whatever it cannot read it leaves out.
export function readFragment(fragment) {
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

export function writeFragment(all) {
  const parts = Object.entries(all).flatMap(([figure, values]) =>
    Object.entries(values).map(([name, value]) => `${figure}.${name}=${encodeURIComponent(value)}`));
  return `#${parts.join("&")}`;
}

// Builds the controls of one figure. ``key`` names it in the address; ``changed(values)`` hears of every move. What
// more there is to link to, ``link.give()`` tells as texts by name, and ``link.take(texts)`` gets back.
export function controlPanel(config, key, changed, link = { give: () => ({}), take: () => {} }) {
  const specs = Object.fromEntries(config.controls.map((spec) => [spec.name, spec]));
  const values = { ...config.values };
  const parts = {};
  const said = element("span", { className: "plstm-said", role: "status" });

  // Sets what makes sense of ``asked`` and leaves the rest as it is. ``words`` are shown beside the buttons.
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
    const change = (value, words) => set({ [spec.name]: value }, words);
    const id = `plstm-${key}-${spec.name}`;
    parts[spec.name] = spec.kind === "choice" ? choice(spec, id, change) : slider(spec, id, config.colours, change);
  }
  const reset = element("button", { type: "button", onclick: () => set(config.values) }, "Reset");
  const share = element("button", { type: "button" }, "Link to this");
  share.addEventListener("click", async () => {
    // What a link is about comes last: there the page goes when it opens.
    const { [key]: _, ...others } = readFragment(location.hash);
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
