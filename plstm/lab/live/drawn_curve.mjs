// A curve between -1 and 1 that was drawn by hand, kept as text so that a link can carry it: a letter for every few steps.

import { range } from "./equations.mjs";

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY";
const TOP = (LETTERS.length - 1) / 2;
const KNOTS = 101;

/** @param {number} value */
const letter = (value) => LETTERS[Math.round((Math.min(Math.max(value, -1), 1) + 1) * TOP)];

/** @param {string} text */
const heights = (text) => range(KNOTS, (i) => Math.max(LETTERS.indexOf(text[i] ?? letter(0)), 0) / TOP - 1);

/**
 * The curve's values at every step, straight between its letters; no text is the value 0.
 * @param {string} text
 * @param {number} steps
 */
export function drawnValues(text, steps) {
  const known = heights(text);
  return range(steps, (t) => {
    const at = (t / (steps - 1)) * (KNOTS - 1);
    const left = Math.min(Math.floor(at), KNOTS - 2);
    return known[left] + (at - left) * (known[left + 1] - known[left]);
  });
}

/**
 * Values at every step as the text of a curve.
 * @param {number[]} values
 */
export const written = (values) =>
  range(KNOTS, (i) => letter(values[Math.round((i / (KNOTS - 1)) * (values.length - 1))])).join("");

/**
 * The text of a curve after a stroke of the pen.
 * @param {string} text
 * @param {Live.Place} from
 * @param {Live.Place} to
 * @param {number} steps
 */
export function redrawn(text, from, to, steps) {
  const scale = (KNOTS - 1) / (steps - 1);
  const [start, end] = from.x <= to.x ? [from, to] : [to, from];
  const known = heights(text);
  for (let i = Math.max(0, Math.round(start.x * scale)); i <= Math.min(KNOTS - 1, Math.round(end.x * scale)); i++) {
    const part = end.x > start.x ? Math.min(Math.max((i / scale - start.x) / (end.x - start.x), 0), 1) : 1;
    known[i] = start.y + part * (end.y - start.y);
  }
  return known.map(letter).join("");
}
