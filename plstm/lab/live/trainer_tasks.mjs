// What the networks in the page learn: made sequences, and real digits where the page brings some.

import { range } from "./equations.mjs";
import { normal, stream } from "./trainer_initial.mjs";

/** Side of a digit's picture, and its darkest grey. */
export const SIDE = 14;
const GREYS = 15;
/** How far an answer to the adding task may be off and still count as right. */
export const TOLERANCE = 0.1;

/**
 * Two sines at irregular times, as in the README: which of two rhythms does the sequence follow?
 * @param {boolean} anyPhase
 * @returns {(draw: () => number, steps: number) => Train.Sequence}
 */
const sines = (anyPhase) => (draw, steps) => {
  const target = draw() < 0.5 ? 0 : 1;
  const turn = draw();
  const times = new Float64Array(steps);
  let t = 0;
  for (let n = 0; n < steps; n++) times[n] = t -= 0.5 * Math.log(1 - draw());
  return { x: times.map((time) => Math.sin(2 * Math.PI * (time / (target ? 7 : 5) + (anyPhase ? turn : 0)))), times, target };
};

/**
 * Two numbers of many are marked, one in each half: what is their sum?
 * @type {(draw: () => number, steps: number) => Train.Sequence}
 */
function adding(draw, steps) {
  const half = Math.floor(steps / 2);
  const marked = [Math.floor(draw() * half), half + Math.floor(draw() * (steps - half))];
  const x = new Float64Array(2 * steps);
  for (let n = 0; n < steps; n++) x[2 * n] = draw() - 0.5;
  for (const place of marked) x[2 * place + 1] = 1;
  return { x, times: Float64Array.from(range(steps)), target: x[2 * marked[0]] + x[2 * marked[1]] };
}

/**
 * The first value is 1 or -1, and noise follows: which was it?
 * @type {(draw: () => number, steps: number) => Train.Sequence}
 */
function first(draw, steps) {
  const target = draw() < 0.5 ? 0 : 1;
  const x = Float64Array.from(range(steps), () => 0.3 * normal(draw));
  x[0] = target ? 1 : -1;
  return { x, times: Float64Array.from(range(steps)), target };
}

/** @type {Record<string, Train.Task>} */
export const TASKS = {
  sines: { features: 1, outputs: 2, guess: Math.log(2), most: 200, draw: sines(false) },
  turned: { features: 1, outputs: 2, guess: Math.log(2), most: 200, draw: sines(true) },
  adding: { features: 2, outputs: 1, guess: 1 / 6, most: 200, draw: adding },
  first: { features: 1, outputs: 2, guess: Math.log(2), most: 500, draw: first },
  digits: { features: 1, outputs: 10, guess: Math.log(10), most: SIDE * SIDE, draw: null },
};

/**
 * How many steps a sequence of a task has where so many are asked for.
 * @param {string} task
 * @param {number} asked
 */
export const stepsOf = (task, asked) => (task === "digits" ? SIDE * SIDE : Math.min(asked, TASKS[task].most));

/**
 * The digits of a page: a hexadecimal figure a pixel; the first ``train`` are for training.
 * @param {Train.Digits} digits
 * @returns {{ train: Train.Sequence[], test: Train.Sequence[] }}
 */
function unpacked({ pixels, labels, train }) {
  const times = Float64Array.from(range(SIDE * SIDE));
  const all = [...labels].map((label, n) => {
    const x = Float64Array.from(range(SIDE * SIDE), (p) => parseInt(pixels[n * SIDE * SIDE + p], 16) / GREYS);
    return { x, times, target: Number(label) };
  });
  return { train: all.slice(0, train), test: all.slice(train) };
}

/**
 * Whether an answer counts as right.
 * @param {ArrayLike<number>} answers
 * @param {number} target
 */
export function isRight(answers, target) {
  if (answers.length === 1) return Math.abs(answers[0] - target) <= TOLERANCE;
  for (let q = 0; q < answers.length; q++) if (q !== target && answers[q] >= answers[target]) return false;
  return true;
}

/**
 * Sequences to learn from, one after another, and those that are never learned from. The seed decides all of them.
 * @param {string} name
 * @param {number} steps
 * @param {number} seed
 * @param {number} held how many are never learned from
 * @param {Train.Digits | null} digits
 * @returns {Train.Source}
 */
export function source(name, steps, seed, held, digits) {
  const task = TASKS[name];
  const draw = stream(seed, 100);
  if (task.draw) {
    const make = task.draw;
    const apart = stream(seed, 101);
    return { next: () => make(draw, steps), test: range(held, () => make(apart, steps)) };
  }
  if (!digits) throw new Error("expected digits for the task digits, got none");
  const { train, test } = unpacked(digits);
  /** @type {number[]} */
  let order = [];
  const next = () => {
    if (!order.length) {
      order = range(train.length);
      for (let n = order.length - 1; n > 0; n--) {
        const other = Math.floor(draw() * (n + 1));
        [order[n], order[other]] = [order[other], order[n]];
      }
    }
    return train[/** @type {number} */ (order.pop())];
  };
  return { next, test };
}

/**
 * The same sequence with the gap to the last step as one more feature.
 * @param {Train.Sequence} sequence
 * @param {number} features
 * @returns {Train.Sequence}
 */
export function withGaps({ x, times, target }, features) {
  const told = new Float64Array(times.length * (features + 1));
  times.forEach((time, n) => {
    told.set(x.subarray(n * features, (n + 1) * features), n * (features + 1));
    told[n * (features + 1) + features] = n ? time - times[n - 1] : 0;
  });
  return { x: told, times, target };
}
