// A figure's controls bound to its model: anywidget's in a notebook, the host's on a page.

import { controlPanel } from "./controls.mjs";

/** @type {Record<string, number>} */
const counts = {};

/**
 * What the names of a figure's elements begin with: no two figures may share them.
 * @param {HTMLElement} el
 * @param {string} kind
 */
export function keyOf(el, kind) {
  if (el.id) return el.id;
  counts[kind] = (counts[kind] ?? 0) + 1;
  return counts[kind] > 1 ? `${kind}-${counts[kind]}` : kind;
}

/**
 * ``changed(values)`` hears of every change, the reader's and those from outside. Values without a control of their own
 * stay in the model alone.
 * @param {Train.Model} model
 * @param {string} key
 * @param {(values: Live.Values) => void} changed
 * @param {() => Record<string, string>} more what a link keeps beside the controls
 */
export function boundPanel(model, key, changed, more = () => ({})) {
  /** @type {Live.Config} */
  const spec = model.get("spec");
  const names = spec.controls.map(({ name }) => name);
  let own = false;
  const panel = controlPanel({ ...spec, kind: key, values: spec.values }, key, (values) => {
    own = true;
    for (const name of names) if (model.get(name) !== values[name]) model.set(name, values[name]);
    own = false;
    model.save_changes();
    changed(values);
  }, { give: more, take: () => {} });
  const take = () => panel.set(Object.fromEntries(names.map((name) => [name, model.get(name) ?? panel.values()[name]])));
  const heard = () => { if (!own) take(); };
  for (const name of names) model.on(`change:${name}`, heard);
  /** Each control's own element, by name. @type {Record<string, HTMLElement>} */
  const nodes = Object.fromEntries(names.map((name, n) => [name, /** @type {HTMLElement} */ (panel.node.children[n])]));
  const leave = () => { for (const name of names) model.off(`change:${name}`, heard); };
  return { spec, names, nodes, node: panel.node, buttons: panel.buttons, set: panel.set, values: panel.values, take, leave };
}
