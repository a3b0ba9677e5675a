// One step, with its numbers: a walk through a step of the Phased LSTM, forwards and back, with the LSTM's beside it.

import { announcer, keepKeys } from "./figure.mjs";
import { boundPanel, keyOf } from "./bound_panel.mjs";
import { element, withSubscripts } from "./controls.mjs";
import { drawPanels } from "./plot.mjs";
import { backwards, forwards, TIMES } from "./step_numbers.mjs";
import { stepPicture } from "./step_picture.mjs";
import { addStyle } from "./style.mjs";
import { addStepStyle } from "./step_style.mjs";
import { weightEditor, weightsOf } from "./step_weights.mjs";
import { linesOf, PARTS, sentenceOf, WITHOUT_CLOCK } from "./step_words.mjs";

const ORDER = Object.keys(PARTS);

/**
 * What the part of the step that is looked at holds: lines for the Phased LSTM and for the LSTM, and a sentence.
 * @param {Live.Values} values
 * @param {Step.Unit[]} weights
 */
function partOf({ unit: chosen, step, part }, weights) {
  const unit = Number(chosen) - 1;
  const [phased, lstm] = [true, false].map((gated) => {
    const steps = forwards(weights, gated);
    return { part, unit, weights: weights[unit], at: steps[step - 1], back: backwards(weights, steps, unit)[step - 1] };
  });
  // The LSTM has no rhythm: the last line of the way back is about that.
  const beside = WITHOUT_CLOCK[part] ?? linesOf(lstm).slice(0, part === "back" ? -1 : undefined);
  const intro = part === "back" ? `L is the output h of unit ${unit + 1} after the last step. ` : "";
  return { sides: [linesOf(phased), beside], sentence: intro + sentenceOf(part, phased.at.units[unit], phased.back[unit]) };
}

/**
 * The plain picture, where no script runs.
 * @param {Live.Values} values
 * @returns {Live.Scene}
 */
export function scene(values) {
  const { panels, words } = stepPicture(values, weightsOf(values.weights));
  return { panels, sentence: words, formula: [] };
}

/**
 * Brings the figure into ``el``. The model has ``spec``, ``unit``, ``step`` and ``part``, and may have ``weights``, a text
 * as in a link.
 * @param {{ model: Live.Model, el: HTMLElement }} given
 * @returns {() => void} what ends it
 */
export function render({ model, el }) {
  addStyle();
  addStepStyle();
  el.classList.add("plstm-live");
  keepKeys(el);
  const announced = announcer();
  const picture = element("div", { className: "plstm-picture", role: "img" });
  const table = element("div", { className: "plstm-walk" });
  const sentence = element("p", { className: "plstm-sentence" });
  const panel = boundPanel(model, keyOf(el, "step"), draw);
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", panel.spec.title);
  const editor = weightEditor(() => model.get("weights"), (text) => {
    panel.set({ weights: text });
  });
  const back = element("button", { type: "button", onclick: () => move(-1) }, "Back");
  const next = element("button", { type: "button", className: "plstm-main", onclick: () => move(1) }, "Next");
  const walk = element("div", { className: "plstm-run" }, back, next);
  el.append(panel.node, picture, walk, table, sentence, editor.node, panel.buttons, announced.node);

  /** @param {Live.Values} values */
  function draw(values) {
    const { unit, step, part } = values;
    const weights = weightsOf(model.get("weights"));
    const { panels, words } = stepPicture(values, weights);
    drawPanels(picture, panels, panel.spec.colours);
    picture.setAttribute("aria-label", words);
    const told = partOf(values, weights);
    table.replaceChildren(...told.sides.map((lines, n) => element("div", { className: n ? "plstm-side" : "plstm-side plstm-phased" },
      element("p", { className: "plstm-name" }, n ? "LSTM" : "Phased LSTM"),
      element("dl", {}, ...lines.flatMap(([term, numbers]) =>
        [element("dt", {}, ...withSubscripts(term)), element("dd", {}, ...withSubscripts(numbers))])))));
    sentence.replaceChildren(...withSubscripts(told.sentence));
    announced.say(`${PARTS[part]}. ${told.sentence}`);
    back.disabled = part === ORDER[0] && step === 1;
    next.disabled = part === ORDER[ORDER.length - 1] && step === TIMES.length;
    next.textContent = part === ORDER[ORDER.length - 1] ? "Next step" : "Next";
    editor.show(Number(unit) - 1);
  }

  /** @param {number} by */
  function move(by) {
    const { part, step } = panel.values();
    const place = ORDER.indexOf(part) + by;
    if (place >= 0 && place < ORDER.length) panel.set({ part: ORDER[place] });
    else panel.set({ part: ORDER[(place + ORDER.length) % ORDER.length], step: step + by });
  }

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
  };
}
