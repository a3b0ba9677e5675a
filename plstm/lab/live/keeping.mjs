// A memory that is kept: what an LSTM and one unit of a Phased LSTM have left of an event, while time runs.

import { element } from "./controls.mjs";
import { counted, gateCurve, percent } from "./equations.mjs";
import { liveFigure } from "./figure.mjs";
import { kept } from "./memory.mjs";
import { player } from "./player.mjs";

/**
 * @param {{ forget: number, t: number }} values
 * @param {{ steps: number, period: number, shift: number, ratio_on: number }} data
 * @returns {Live.Scene}
 */
export function scene({ forget, t }, { steps, period, shift, ratio_on }) {
  const { times, k, phased, plain } = kept({ forget, period, shift, ratio_on, written: 0 }, steps);
  const curve = gateCurve({ period, shift, ratio_on }, steps);
  /** @param {number[]} values */
  const sofar = (values) => values.map((value, time) => (time <= t ? value : NaN));
  /** @type {[label: string, colour: string, values: number[], dash: boolean][]} */
  const memories = [["Phased LSTM", "phased-lstm", phased, false], ["LSTM", "lstm", plain, true]];
  /** @type {Omit<Live.Line, "y">} */
  const now = { kind: "line", colour: "ink", x: [t, t], width: 1 };
  /** @type {{ x: Live.Ends, log: boolean }} */
  const shared = { x: [0, steps], log: false };
  /** @type {Live.Line[]} */
  const lines = memories.map(([label, colour, values, dash]) =>
    ({ kind: "line", colour, x: times, y: sofar(values), dash, label, width: 2.5 }));
  /** @type {Live.Points[]} */
  const here = memories.map(([, colour, values]) => ({ kind: "points", colour, x: [t], y: [values[t]], size: 9 }));
  /** @type {Live.Panel[]} */
  const panels = [
    { ...shared, title: "what is left of an event at time 0", xlabel: "", y: [0, 1.08], height: 170, yticks: [0, 0.5, 1],
      marks: [...lines, ...here] },
    { ...shared, title: "the gate of the Phased LSTM", xlabel: "time", y: [0, 1.05], height: 50, yticks: [0, 1],
      marks: [{ kind: "area", colour: "openness", x: curve.t, y: curve.k }, { ...now, y: [0, 1.05] }] },
  ];
  const closed = k.slice(1, t + 1).filter((openness) => openness < 1e-9).length;
  const sentence = t === 0 ? "An event has just been written into both memories."
    : `After ${counted(t, "step")} the LSTM has ${percent(plain[t])} of it left, the Phased LSTM ${percent(phased[t])}: ` +
      `its gate was closed in ${closed} of them.`;
  return { panels, sentence, formula: [] };
}

/**
 * Time runs, on a page by itself as soon as the figure is seen, where motion is welcome.
 * @param {Live.Spec<{ steps: number }>} spec
 * @param {Live.Handle} figure
 * @returns {Live.Extra}
 */
function furnish({ data: { steps }, page }, figure) {
  const play = player({
    end: steps, grain: 1, coarse: 50, rate: () => steps / 10,
    at: () => figure.values().t, move: (t) => figure.set({ t }),
  });
  const below = element("p", { className: "plstm-advice" }, "Press Play, or drag the picture. What would the LSTM need to keep its memory? " +
    "Move its forget gate.");
  if (page && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    const watch = new IntersectionObserver(([seen]) => {
      if (!seen.isIntersecting) return;
      watch.disconnect();
      if (figure.values().t === steps) play.button.click();
    }, { threshold: 0.6 });
    watch.observe(below);
  }
  return { nodes: [], buttons: [play.button], below: [below], show: ({ t }) => play.heard(t) };
}

export const render = liveFigure(scene, furnish);
