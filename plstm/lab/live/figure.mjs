// What all live figures share: controls above, the picture, the sentence and the formula below, bound to a model.
// The model is anywidget's in a notebook and the host's on a page; the values of the controls are the model's.

import { boundPanel, keyOf } from "./bound_panel.mjs";
import { hearHand } from "./hand.mjs";
import { element, withSubscripts } from "./controls.mjs";
import { drawToStay } from "./plot.mjs";
import { addStyle } from "./style.mjs";

/**
 * {quantity:text} in a line of the formula is underlined in the colour of the quantity.
 * @param {Live.FormulaLine} line
 * @param {Live.Colours} colours
 * @param {boolean} chosen
 */
function formulaLine([text, on], colours, chosen) {
  const parts = text.split(/(\{[\w-]+:.*?\})/).flatMap((part) => {
    const match = part.match(/^\{([\w-]+):(.*)\}$/);
    if (!match) return withSubscripts(part);
    const number = element("span", { className: "plstm-number" }, match[2]);
    number.style.borderColor = colours[match[1]];
    return [number];
  });
  const mark = chosen ? (on ? "plstm-on" : "plstm-off") : "";
  return element("div", { className: mark }, ...parts);
}

/** Reads the text aloud once a figure has been still for a moment, not at every pixel of a drag. */
export function announcer() {
  const node = element("div", { className: "plstm-hidden", "aria-live": "polite" });
  /** @type {number | undefined} */
  let waiting;
  /** @param {string} text */
  const say = (text) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { node.textContent = text; }, 600);
  };
  return { node, say };
}

/**
 * Keys pressed in a figure are the figure's: JupyterLab would take the arrow keys from its sliders.
 * @param {HTMLElement} el
 */
export function keepKeys(el) {
  el.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
}

/**
 * While a hand is on a slider or on the picture, an axis that follows the values stays as it was.
 * @param {HTMLElement} el
 * @param {() => void} released
 */
function steadyHand(el, released) {
  /** @type {Live.Panel[]} */
  let last = [];
  let down = false;
  el.addEventListener("pointerdown", (event) => {
    down = event.target instanceof Element && event.target.closest("input[type=range], .plstm-picture") !== null;
  });
  const up = () => {
    if (!down) return;
    down = false;
    released();
  };
  addEventListener("pointerup", up);
  addEventListener("pointercancel", up);
  /** @param {Live.Panel[]} panels */
  const steadied = (panels) => {
    const kept = panels.map((panel, i) => (down && panel.steady && last[i]
      ? { ...panel, y: last[i].y, yticks: last[i].yticks } : panel));
    last = kept;
    return kept;
  };
  const leave = () => {
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", up);
  };
  return { steadied, leave };
}

/**
 * The ``render`` of a figure that is a scene for every choice of values. ``furnish(spec, figure)`` may add nodes of its
 * own below the controls and hears of every drawing; ``figure`` has ``set`` and ``values``.
 * @param {(values: any, data: any) => Live.Scene} scene
 * @param {(spec: Live.Spec, figure: Live.Handle) => Live.Extra} furnish
 * @returns {Live.Render}
 */
export function liveFigure(scene, furnish = () => ({ nodes: [] })) {
  return ({ model, el }) => {
    addStyle();
    const picture = element("div", { className: "plstm-picture", role: "img" });
    const sentence = element("p", { className: "plstm-sentence" });
    const formula = element("div", { className: "plstm-formula" });
    const announced = announcer();
    /** @type {Live.Grip} */
    let grip = { x: () => NaN, near: () => NaN, place: () => null };
    let shown = "";
    const draw = () => {
      const values = panel.values();
      const seen = scene(values, spec.data);
      grip = drawToStay(picture, hand.steadied(seen.panels.filter((each) => !extra.instead?.includes(each.title))), spec.colours);
      extra.show?.(values, seen);
      sentence.replaceChildren(...withSubscripts(seen.sentence));
      picture.setAttribute("aria-label", seen.sentence);
      const branches = seen.formula.some(([, on]) => !on);
      formula.replaceChildren(...seen.formula.map((line, i) =>
        formulaLine(line, spec.colours, branches && i > 0 && i < seen.formula.length - 1)));
      if (shown && shown !== seen.sentence) announced.say(seen.sentence);
      shown = seen.sentence;
    };
    const panel = boundPanel(model, keyOf(el, "figure"), draw);
    const { spec } = panel;
    const hand = steadyHand(el, draw);
    const extra = furnish(spec, panel);
    el.classList.add("plstm-live");
    keepKeys(el);
    el.setAttribute("role", "group");
    el.setAttribute("aria-label", spec.title);
    panel.buttons.prepend(...(extra.buttons ?? []));
    el.append(panel.node, ...extra.nodes, panel.buttons, picture, ...(extra.below ?? []), sentence, formula, announced.node);
    if (spec.cursor) followPointer(picture, panel, spec.cursor, () => grip, extra.hands);
    if (extra.draw || extra.put) hearHand(picture, panel, () => grip, extra);
    panel.take();
    let width = el.clientWidth;
    const resized = new ResizeObserver(() => {
      if (el.clientWidth === width) return;
      width = el.clientWidth;
      draw();
    });
    resized.observe(el);
    return () => {
      resized.disconnect();
      panel.leave();
      hand.leave();
    };
  };
}

// CSS pixels from a handle within which a finger has it.
const REACH = 24;

/**
 * A pointer on the picture moves a value along x: that of the handle it took, or of the cursor.
 * @param {HTMLElement} picture
 * @param {Live.Handle} figure
 * @param {string} cursor
 * @param {() => Live.Grip} grip
 * @param {(values: any) => Live.Hand[]} hands
 */
function followPointer(picture, figure, cursor, grip, hands = () => []) {
  picture.classList.add("plstm-pointer");
  /** @type {(x: number) => Live.Values} */
  const point = (x) => ({ [cursor]: x });
  let drag = point;
  /** @param {PointerEvent} event */
  const move = (event) => figure.set(drag(Number(grip().x(event.clientX).toFixed(1))));
  picture.addEventListener("pointerdown", (event) => {
    picture.setPointerCapture(event.pointerId);
    const near = hands(figure.values()).map((hand) => ({ hand, away: grip().near(hand, event) }));
    const [nearest] = near.filter(({ away }) => away <= REACH).sort((a, b) => a.away - b.away);
    drag = nearest ? nearest.hand.drag : point;
    if (!nearest) move(event);
  });
  picture.addEventListener("pointermove", (event) => { if (picture.hasPointerCapture(event.pointerId)) move(event); });
}
