// What "train here" says of a run: how far it is, and why it stopped.

import { counted, number, percent } from "./equations.mjs";
import { VERDICT } from "./trainer_loop.mjs";
import { TASKS } from "./trainer_tasks.mjs";
import { BOTH } from "./training_views.mjs";

/**
 * What counts as right: a class, or a number near enough.
 * @param {string} task
 */
const isClass = (task) => TASKS[task].outputs > 1;

/**
 * The title of how many answers are right.
 * @param {string} task
 */
export const right = (task) => (isClass(task) ? "right answers" : "answers within 0.1 of the sum");

/** @type {Record<Train.Why, string>} */
const REASONS = {
  "": "",
  broken: "", // says which network, below
  verdict: `Stopped after ${VERDICT} updates to compare. Play goes on.`,
  limit: "Stopped: that was long. Play goes on.",
  solved: "Stopped: both have learned it.",
  plateau: "Stopped at a plateau: neither loss has become smaller for a while. Play goes on all the same.",
  hidden: "Stopped while the page was out of sight. Play goes on.",
};

/**
 * @param {Train.Why} why
 * @param {Train.Point | undefined} last
 */
export function reason(why, last) {
  if (why !== "broken") return REASONS[why];
  const title = BOTH.find(([name]) => name === last?.broken)?.[1];
  return `Stopped: a weight of the ${title} is no finite number any more. Take a lower learning rate or clip the gradients, then press Rewind.`;
}

/**
 * @param {Train.Point[]} points
 * @param {number} rate updates a second, 0 where it is not known
 * @param {string} task
 * @param {number} steps of a sequence
 */
export function progress(points, rate, task, steps) {
  if (!points.length) {
    return "Nothing is learned yet. Play trains both networks, from the same weights, on the same sequences of " +
      `${counted(steps, "step")}.`;
  }
  const recent = points.slice(-20);
  const said = BOTH.map(([name, title]) => {
    const [loss, share] = /** @type {("loss" | "right")[]} */ (["loss", "right"]).map((part) =>
      recent.reduce((sum, point) => sum + point[part][name], 0) / recent.length);
    return `${title}: loss ${loss.toFixed(2)}, ${percent(Number(share.toFixed(2)))} ${isClass(task) ? "right" : "within 0.1"}`;
  });
  const speed = rate ? ` (${number(Number(rate.toPrecision(2)))} a second)` : "";
  return `${counted(points.length, "update")}${speed}. ${said.join(". ")}.`;
}
