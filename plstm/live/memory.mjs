// Memory horizon: what is left of an input, with a forget gate alone and with a time gate too. Mirrors memory.py.

import { gate, gateCurve, number, percent, range } from "./core.mjs";
import { mount } from "./figure.mjs";

export function memoryScene({ forget, period, shift, ratio_on }, { steps, floor }) {
  const times = range(steps + 1);
  const k = times.map((t) => (t === 0 ? 0 : gate(t, { period, shift, ratio_on })));
  let share = 1;
  const phased = k.map((openness) => (share *= 1 - openness * (1 - forget)));
  const plain = times.map((t) => forget ** t);
  const curve = gateCurve({ period, shift, ratio_on }, steps);
  const shared = { x: [0, steps], xlabel: "" };
  const above = (values) => values.map((value) => Math.max(value, floor));
  const panels = [
    { ...shared, title: "openness k", y: [0, 1.05], height: 60, yticks: [0, 1], log: false,
      marks: [{ kind: "area", colour: "openness", x: curve.t, y: curve.k }] },
    { ...shared, title: "share left of what was written at t = 0", y: [floor, 1], height: 190, log: true,
      yticks: [1, 0.01, 1e-4, floor], xlabel: "step t", marks: [
        { kind: "line", colour: "lstm", x: times, y: above(plain), dash: true, label: "LSTM" },
        { kind: "line", colour: "phased-lstm", x: times, y: above(phased), label: "Phased LSTM" },
      ] },
  ];
  const words = [plain, phased].map((values) => {
    const half = values.findIndex((value) => value <= 0.5);
    return half < 0 ? `not within ${steps} steps` : `after ${half} steps`;
  });
  const left = (value) => (value >= floor ? percent(value) : "less than a millionth");
  const sentence = `Half is lost in the LSTM ${words[0]}, in the Phased LSTM ${words[1]}. ` +
    `After ${steps} steps ${left(plain.at(-1))} and ${left(phased.at(-1))} are left.`;
  const still = k.slice(1).filter((openness) => openness === 0).length;
  const formula = [
    [`LSTM: c = f · c′ = ${number(forget)} · c′ in every step`, true],
    [`Phased LSTM: c = (1 − k (1 − f)) · c′, which is 1 · c′ in ${still} of ${steps} steps`, true],
  ];
  return { panels, sentence, formula };
}

mount("memory", memoryScene);
