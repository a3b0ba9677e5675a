// Runs two networks in slices of a few milliseconds and tells now and then how they do: in a worker, or, where none may
// start, between the frames of the page. It stops by itself where going on shows nothing.

import { makeRun } from "./trainer_run.mjs";

/** After so many updates the first run stops, and who is ahead is said. */
export const VERDICT = 200;
const LIMIT = 5000;
/** A plateau: neither loss has got better by this share of a guess's, one window against the next. */
const WINDOW = 200;
const PROGRESS = 0.02;
const SOLVED = 0.01;

/**
 * @param {Train.Point[]} points
 * @param {Train.Name} name
 */
const mean = (points, name) => points.reduce((sum, point) => sum + point.loss[name], 0) / points.length;

/**
 * Why to stop after these points, the last of which has just come; "" for going on.
 * @param {Train.Point[]} points since somebody pressed Play
 * @param {number} guess the loss of guessing
 * @returns {Train.Why}
 */
export function whyStop(points, guess) {
  const last = points[points.length - 1];
  if (last.broken) return "broken";
  if (last.update === VERDICT) return "verdict";
  if (last.update % LIMIT === 0) return "limit";
  const recent = points.slice(-50);
  if (recent.length === 50 && mean(recent, "lstm") < SOLVED * guess && mean(recent, "phased") < SOLVED * guess) return "solved";
  // Only now and then: the means of two windows are long sums.
  if (points.length < 2 * WINDOW || points.length % 50) return "";
  const [before, after] = [points.slice(-2 * WINDOW, -WINDOW), points.slice(-WINDOW)];
  const still = /** @type {Train.Name[]} */ (["lstm", "phased"]).every((name) => mean(before, name) - mean(after, name) < PROGRESS * guess);
  return still ? "plateau" : "";
}

/**
 * ``handle(message)`` takes what the figure asks for; ``post`` gets snapshots.
 * @param {(message: Train.Report) => void} post
 * @param {{ budget: number, every: number }} pace milliseconds of a slice, and from one snapshot to the next
 */
export function makeLoop(post, { budget, every }) {
  /** @type {Train.Run | null} */
  let run = null;
  let id = 0;
  let sample = 0;
  /** @type {Generator<null, Train.Point, unknown> | null} */
  let parts = null;
  /** @type {Train.Point[]} */
  let points = [];
  /** @type {Train.Point[]} */
  let news = [];
  /** @type {Train.Why} */
  let why = "";
  let playing = false;
  let wanted = 0;
  let posted = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  function snapshot() {
    if (!run) return;
    posted = performance.now();
    post({ type: "snapshot", id, points: news, look: run.look(sample), playing, why, held: run.held, guess: run.guess });
    news = [];
  }

  /** @param {Train.Why} reason */
  function stop(reason) {
    playing = false;
    why = reason;
  }

  /** @param {Train.Point} point */
  function took(point) {
    news.push(point);
    points.push(point);
    if (wanted > 0) wanted -= 1;
    const reason = run ? whyStop(points, run.guess) : "";
    if (reason && (playing || reason === "broken")) stop(reason);
    if (reason === "broken") wanted = 0;
  }

  function slice() {
    waiting = undefined;
    if (!run) return;
    const end = performance.now() + budget;
    while ((playing || wanted > 0 || parts) && performance.now() < end) {
      parts ??= run.update();
      const { done, value } = parts.next();
      if (done) {
        parts = null;
        took(value);
        // Only between updates: a look at a sample goes through the same arrays.
        if (performance.now() - posted >= every) break;
      }
    }
    const going = playing || wanted > 0 || parts !== null;
    if (!parts && (!going || performance.now() - posted >= every)) snapshot();
    if (going) waiting = setTimeout(slice, 0);
  }

  const wake = () => { waiting ??= setTimeout(slice, 0); };

  /** @param {Train.Order} order */
  function handle(order) {
    if (order.type === "start") {
      id = order.id;
      sample = order.sample;
      [parts, points, news, playing, wanted] = [null, [], [], false, 0];
      why = "";
      try {
        run = makeRun(order.settings, order.digits);
      } catch (error) {
        run = null;
        post({ type: "failed", id, words: String(error) });
        return;
      }
      snapshot();
    } else if (order.type === "play" && run) {
      if (points.at(-1)?.broken) return;
      points = [];
      why = "";
      playing = true;
      wake();
    } else if (order.type === "pause") {
      if (playing) stop(order.why);
    } else if (order.type === "step" && run && !points.at(-1)?.broken) {
      stop("");
      wanted += 1;
      wake();
    } else if (order.type === "look") {
      sample = order.sample;
      if (waiting === undefined) snapshot();
    }
  }

  const end = () => clearTimeout(waiting);
  return { handle, end };
}
