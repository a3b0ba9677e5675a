// The picture over the walk through one step: the input, the openness and the cell state of one unit over time.

import { gateCurve, held } from "./equations.mjs";
import { forwards, INPUTS, TIMES } from "./step_numbers.mjs";
import { digits } from "./step_words.mjs";

const END = 12;

/**
 * @param {Live.Values} values
 * @param {Step.Unit[]} weights
 * @returns {{ panels: Live.Panel[], words: string }}
 */
export function stepPicture({ unit: chosen, step }, weights) {
  const unit = Number(chosen) - 1;
  const { period, shift, ratio_on } = weights[unit];
  const [phased, lstm] = [true, false].map((gated) => forwards(weights, gated).map((each) => each.units[unit]));
  const curve = gateCurve({ period, shift, ratio_on }, END);
  const t = TIMES[step - 1];
  /** @type {{ x: Live.Ends, log: boolean }} */
  const shared = { x: [0, END], log: false };
  const reach = Math.max(1, ...[...phased, ...lstm].map(({ c }) => Math.abs(c)));
  /** @type {(y: Live.Ends) => Live.Line} */
  const here = (y) => ({ kind: "line", colour: "ink", x: [t, t], y, width: 1 });
  /** @type {(label: string, colour: string, states: Step.Unfolded[], dash: boolean) => Live.Line} */
  const stairs = (label, colour, states, dash) => {
    const [x, y] = held([0, ...TIMES], [0, ...states.map(({ c }) => c)], END);
    return { kind: "line", colour, x, y, label, dash };
  };
  /** @type {Live.Panel[]} */
  const panels = [
    { ...shared, title: "input x", y: [-1.1, 1.1], height: 48, yticks: [-1, 0, 1], xlabel: "",
      marks: [here([-1.1, 1.1]), { kind: "points", colour: "ink", x: TIMES, y: INPUTS, size: 5 },
        { kind: "points", colour: "period", x: [t], y: [INPUTS[step - 1]], size: 9 }] },
    { ...shared, title: `openness k of unit ${unit + 1}`, y: [0, 1], height: 48, yticks: [0, 1], xlabel: "",
      marks: [{ kind: "area", colour: "openness", x: curve.t, y: curve.k }, here([0, 1]),
        { kind: "points", colour: "openness", x: TIMES, y: phased.map(({ k }) => k), size: 6 }] },
    { ...shared, title: `cell state c of unit ${unit + 1}`, y: [-reach, reach], height: 72, yticks: [-1, 0, 1], xlabel: "time t",
      marks: [stairs("LSTM", "lstm", lstm, true), stairs("Phased LSTM", "phased-lstm", phased, false), here([-reach, reach])] },
  ];
  const [now, beside] = [phased[step - 1], lstm[step - 1]];
  return { panels, words: `Step ${step} of ${TIMES.length}, at t = ${t}: unit ${unit + 1} of the Phased LSTM is open by ${digits(now.k)} ` +
    `and holds c = ${digits(now.c)}; the LSTM's holds ${digits(beside.c)}.` };
}
