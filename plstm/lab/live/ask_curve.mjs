// A prediction of a curve: the reader puts its points, by the pointer or by sliders, before the curve shows.

import { element } from "./controls.mjs";
import { number } from "./equations.mjs";
import { drawPanels } from "./plot.mjs";
import { addStyle } from "./style.mjs";

const CLOSE = 0.05;

/**
 * What to say of the points.
 * @param {number[]} mine
 * @param {number[]} right
 */
export function distance(mine, right) {
  const mean = mine.reduce((sum, value, i) => sum + Math.abs(value - right[i]), 0) / right.length;
  return mean <= CLOSE ? "Your points lie on it." : `Your points are ${number(Number(mean.toPrecision(2)))} away from it on average.`;
}

/**
 * The nodes of the question, and what to say when the reader compares.
 * @param {Ask.Curve} asked
 * @param {string} id
 */
export function curve({ title, points, line, why, colours }, id) {
  addStyle();
  let told = false;
  const inputs = points.map((_, i) => element("input", { type: "range", min: 0, max: 1, step: 0.05, value: 0.5, id: `${id}-${i}` }));
  const sliders = inputs.map((input, i) => {
    input.style.setProperty("--accent", colours.period);
    return element("span", { className: "plstm-ask-point" }, element("label", { for: input.id }, `k at t = ${number(points[i][0])}`), input);
  });
  const picture = element("div", { className: "plstm-picture plstm-pen", role: "img", "aria-label": `${title} Your points, and the curve once you compare.` });
  const values = () => inputs.map((input) => input.valueAsNumber);
  /** @type {Live.Grip | null} */
  let grip = null;
  const draw = () => {
    for (const input of inputs) input.style.setProperty("--at", `${100 * input.valueAsNumber}%`);
    /** @type {Live.Mark[]} */
    const marks = told ? [{ kind: "area", colour: "openness", x: line[0], y: line[1], label: "k" }] : [];
    marks.push({ kind: "points", colour: "period", x: points.map(([t]) => t), y: values(), size: 11, label: "your points" });
    /** @type {Live.Ends} */
    const ends = [line[0][0], line[0][line[0].length - 1]];
    const panel = { title: "openness k", x: ends, y: /** @type {[number, number]} */ ([0, 1.05]), yticks: [0, 1], xlabel: "time t", log: false, height: 130, marks };
    grip = drawPanels(picture, [panel], colours);
  };
  /** @param {PointerEvent} event */
  const pull = (event) => {
    const place = grip?.place(event, 0);
    if (!place) return;
    const away = points.map(([t]) => Math.abs(t - place.x));
    inputs[away.indexOf(Math.min(...away))].valueAsNumber = place.y;
    draw();
  };
  picture.addEventListener("pointerdown", (event) => {
    picture.setPointerCapture(event.pointerId);
    pull(event);
  });
  picture.addEventListener("pointermove", (event) => { if (picture.hasPointerCapture(event.pointerId)) pull(event); });
  for (const input of inputs) input.addEventListener("input", draw);
  let width = 0;
  new ResizeObserver(() => {
    if (picture.clientWidth !== width) draw();
    width = picture.clientWidth;
  }).observe(picture);
  const compare = () => {
    told = true;
    draw();
    return { words: `${distance(values(), points.map(([, k]) => k))} ${why}`, mark: "told" };
  };
  return { nodes: [element("div", { className: "plstm-live plstm-ask-curve" }, picture, ...sliders)], compare };
}
