// The host of live figures on a page without a kernel: what anywidget is in a notebook. It makes a figure's model of
// the page's markup and of the address, imports the module of its kind and lets that draw.

import { readFragment, writeFragment } from "./address.mjs";
import { followLinks } from "./links.mjs";

/** What anywidget's model is to a figure, with nobody at the other end. */
class PageModel {
  /** @param {Live.Values} values */
  constructor(values) {
    this.values = { ...values };
    /** @type {Record<string, Set<() => void>>} */
    this.heard = {};
  }

  /** @param {string} name */
  get(name) { return this.values[name]; }

  /**
   * @param {string} name
   * @param {any} value
   */
  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    for (const event of [`change:${name}`, "change"]) this.heard[event]?.forEach((callback) => callback());
  }

  /**
   * @param {string} event
   * @param {() => void} callback
   */
  on(event, callback) { (this.heard[event] ??= new Set()).add(callback); }

  /**
   * @param {string} event
   * @param {() => void} [callback]
   */
  off(event, callback) {
    if (callback) this.heard[event]?.delete(callback);
    else delete this.heard[event];
  }

  save_changes() {}
}

/**
 * A data attribute as a number or as true or false, where it is one.
 * @param {string} text
 */
function parsed(text) {
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * The values a figure starts with: those of its data attributes, and those of its JSON block, {spec, values}.
 * @param {HTMLElement} figure
 * @returns {Live.Values}
 */
function written(figure) {
  const own = Object.entries(figure.dataset).filter(([name]) => name !== "kind" && name !== "live");
  const attributes = Object.fromEntries(own.map(([name, text]) => [name, parsed(text ?? "")]));
  const block = figure.querySelector('script[type="application/json"]');
  const { values = {}, ...rest } = block ? JSON.parse(block.textContent) : {};
  return { ...attributes, ...values, ...rest };
}

/**
 * What tells this figure from others in an address: its kind, and which of that kind it is.
 * @param {HTMLElement} figure
 * @param {string} kind
 */
function keyOf(figure, kind) {
  const place = [...document.querySelectorAll(`figure[data-kind="${kind}"]`)].indexOf(figure);
  return place > 0 ? `${kind}-${place + 1}` : kind;
}

/**
 * A button among the figure's own that puts its state into the address and the address on the clipboard.
 * @param {HTMLElement} figure
 * @param {string} key
 * @param {() => Live.Values} state
 */
function addLink(figure, key, state) {
  const buttons = figure.querySelector(".plstm-buttons");
  if (!buttons) return;
  const link = document.createElement("button");
  link.type = "button";
  link.textContent = "Link to this";
  const said = buttons.querySelector(".plstm-said") ?? buttons.appendChild(document.createElement("span"));
  buttons.insertBefore(link, said);
  link.addEventListener("click", async () => {
    // What a link is about comes last: there the page goes when it opens.
    const others = readFragment(location.hash);
    delete others[key];
    history.replaceState(history.state, "", writeFragment({ ...others, [key]: state() }));
    let where = "The link is in the address bar.";
    try {
      await navigator.clipboard.writeText(location.href);
      where = "Link copied.";
    } catch { /* Without the permission to copy, the address bar has it. */ }
    said.textContent = where;
  });
}

/** The figures that live, by what tells them apart in an address. @type {Map<string, Live.Mounted>} */
const mounted = new Map();

/**
 * Brings a figure to life: <figure data-kind="gate">, with its values in data attributes or in a JSON block. Answers
 * whether the address is about this figure.
 * @param {HTMLElement} figure
 */
export async function mount(figure) {
  const { kind, live } = figure.dataset;
  // The kind names a file beside this one, and nothing elsewhere.
  if (!kind || live || !/^[a-z]+$/.test(kind)) return false;
  const model = new PageModel(written(figure));
  const names = Object.keys(model.values).filter((name) => name !== "spec");
  const key = keyOf(figure, kind);
  figure.dataset.live = "loading";
  figure.id ||= `plstm-${key}`;
  const follow = () => {
    const asked = readFragment(location.hash);
    for (const [name, text] of Object.entries(asked[key] ?? {})) if (names.includes(name)) model.set(name, parsed(text));
    return Object.keys(asked).at(-1) === key;
  };
  const linked = follow();
  const { render } = await import(`./${kind}.mjs`);
  const plain = figure.querySelector(".plstm-plain");
  if (plain instanceof HTMLElement) plain.hidden = true;
  render({ model, el: figure });
  // An empty text is what nobody wrote yet: it would only lengthen the link.
  const state = () => Object.fromEntries(names.map((name) => [name, model.get(name)]).filter(([, value]) => value !== ""));
  addLink(figure, key, state);
  figure.dataset.live = "true";
  mounted.set(key, { figure, model, names, parsed });
  addEventListener("hashchange", () => { if (follow()) figure.scrollIntoView(); });
  return linked;
}

followLinks(mounted);
/** @type {HTMLElement[]} */
const figures = [...document.querySelectorAll("figure")];
// A figure that comes to life above another moves it down: only then is its place known.
Promise.all(figures.map(mount)).then((linked) => figures.find((_, i) => linked[i])?.scrollIntoView());
