// A figure's controls bound to its model: anywidget's in a notebook, the host's on a page.

import { controlPanel, sensible } from "./controls.mjs";

let made = 0;

/**
 * What the names of a figure's elements begin with: no two figures may share them.
 * @param {HTMLElement} el
 * @param {string} kind
 */
export const keyOf = (el, kind) => el.id || `plstm-${kind}-${++made}`;

/**
 * The values of the controls are the model's, and always such as the controls can take. ``changed(values)`` hears of
 * every change, the reader's and those from outside; ``take()`` reads the model, ``leave()`` hears of it no more.
 * @param {Live.Model} model
 * @param {string} key
 * @param {(values: Live.Values) => void} changed
 */
export function boundPanel(model, key, changed) {
  /** @type {Live.Spec} */
  const spec = model.get("spec");
  const specs = Object.fromEntries(spec.controls.map((control) => [control.name, control]));
  const names = Object.keys(specs);
  /** @type {Live.Values} */
  const now = { ...spec.values };
  let own = false;
  /**
   * Takes what makes sense of ``asked`` and leaves the rest as it is.
   * @param {Live.Values} asked
   */
  function set(asked) {
    /** @type {Record<string, string>} */
    const words = {};
    own = true;
    for (const [name, wanted] of Object.entries(asked)) {
      if (!Object.hasOwn(specs, name)) continue;
      const { value, said } = sensible(specs[name], wanted);
      if (value !== null) now[name] = value;
      if (said) words[name] = said;
      model.set(name, now[name]);
    }
    own = false;
    model.save_changes();
    panel.show(now, words);
    changed({ ...now });
  }
  const panel = controlPanel(spec, key, set);
  const take = () => set(Object.fromEntries(names.map((name) => [name, model.get(name) ?? now[name]])));
  const heard = () => { if (!own) take(); };
  for (const name of names) model.on(`change:${name}`, heard);
  const leave = () => { for (const name of names) model.off(`change:${name}`, heard); };
  const { node, nodes, buttons } = panel;
  return { spec, names, node, nodes, buttons, set, values: () => ({ ...now }), take, leave };
}
