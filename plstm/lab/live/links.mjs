// Links in the prose that put a figure into a state: <a href="#gate.leak=0.1">. The figure moves, comes into sight, and
// what moved is said to a screen reader; the focus stays in the sentence.

import { readFragment } from "./address.mjs";
import { element } from "./controls.mjs";

const SHOWN = 1500; // milliseconds

/**
 * Puts a figure into a state: as the page shows it at first, but for what is asked.
 * @param {Live.Mounted} one
 * @param {Record<string, string>} asked
 */
function move({ figure, model, names, parsed }, asked) {
  /** @type {Live.Spec} */
  const { title, values, controls } = model.get("spec");
  const known = Object.entries(asked).filter(([name]) => names.includes(name));
  const wanted = { ...values, ...Object.fromEntries(known.map(([name, text]) => [name, parsed(text)])) };
  for (const [name, value] of Object.entries(wanted)) model.set(name, value);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  figure.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
  figure.dataset.shown = "";
  setTimeout(() => { delete figure.dataset.shown; }, SHOWN);
  /** @param {string} name */
  const label = (name) => {
    const control = controls.find((each) => each.name === name);
    return control && "label" in control ? control.label : name;
  };
  return `${title}: ${known.map(([name]) => `${label(name)} ${model.get(name)}`).join(", ")}.`;
}

/**
 * Follows links that are about figures of this page.
 * @param {Map<string, Live.Mounted>} mounted
 */
export function followLinks(mounted) {
  const told = element("div", { className: "plstm-told", "aria-live": "polite" });
  document.body.append(told);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest('a[href^="#"]');
    const asked = link instanceof HTMLAnchorElement ? Object.entries(readFragment(link.hash)) : [];
    const found = asked.flatMap(([key, values]) => {
      const one = mounted.get(key);
      return one ? [move(one, values)] : [];
    });
    if (!found.length || !(link instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    history.pushState(history.state, "", link.hash);
    told.textContent = found.join(" ");
  });
}
