// Weights at the start, as Keras and plstm draw them; what two networks have in common is the same in both.

import { uniform } from "./equations.mjs";
import { layout } from "./trainer_network.mjs";

/**
 * A generator of its own for each purpose, so that a choice in one leaves the others as they are.
 * @param {number} seed
 * @param {number} purpose
 */
export const stream = (seed, purpose) => uniform(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(purpose + 1, 0x85ebca6b));

/**
 * A number of the standard normal distribution.
 * @param {() => number} draw
 */
export const normal = (draw) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());

/**
 * Orthonormal rows by Gram and Schmidt.
 * @param {() => number} draw
 * @param {number} rows
 * @param {number} columns
 */
function orthonormal(draw, rows, columns) {
  /** @type {Float64Array[]} */
  const made = [];
  while (made.length < rows) {
    const row = Float64Array.from({ length: columns }, () => normal(draw));
    for (const other of made) {
      const shared = row.reduce((sum, value, n) => sum + value * other[n], 0);
      other.forEach((value, n) => { row[n] -= shared * value; });
    }
    const length = Math.hypot(...row);
    made.push(row.map((value) => value / length));
  }
  return made;
}

/**
 * Fills the parameters: kernel and dense layer by Glorot, the recurrent kernel orthogonal, forget biases 1 or by chrono
 * initialisation (Tallec and Ollivier, 2018), periods log-uniform, shifts uniform over the period or 0.
 * @param {Train.Network} net
 * @param {Train.Start} start
 */
export function initialise({ shape, parameters, refresh }, { seed, shared, chrono = 0, periods, ratioOn, spread = true }) {
  const { units, features, outputs, phased } = shape;
  const { inputs, dense, rhythm } = layout(shape);
  parameters.fill(0);
  /** @type {(unit: number, input: number, gate: number) => number} */
  const place = (unit, input, gate) => (unit * inputs + input) * 4 + gate;
  for (let d = 0; d < features; d++) {
    // By the feature, and with the features that both have: one that is told the gaps has the same weights for the rest.
    const draw = stream(seed, 10 + d);
    const limit = Math.sqrt(6 / (shared + 4 * units));
    for (let gate = 0; gate < 4; gate++) for (let j = 0; j < units; j++) parameters[place(j, 1 + d, gate)] = (2 * draw() - 1) * limit;
  }
  orthonormal(stream(seed, 1), units, 4 * units).forEach((row, n) => {
    row.forEach((value, column) => { parameters[place(column % units, 1 + features + n, Math.floor(column / units))] = value; });
  });
  const long = stream(seed, 2);
  for (let j = 0; j < units; j++) {
    const bias = chrono > 2 ? Math.log(1 + long() * (chrono - 2)) : 1;
    parameters[place(j, 0, 1)] = bias;
    if (chrono > 2) parameters[place(j, 0, 0)] = -bias;
  }
  const draw = stream(seed, 3);
  const limit = Math.sqrt(6 / (units + outputs));
  for (let q = 0; q < outputs; q++) for (let j = 0; j < units; j++) parameters[dense + q * (1 + units) + 1 + j] = (2 * draw() - 1) * limit;
  if (phased) {
    const [low, high] = periods;
    const rhythms = stream(seed, 4);
    for (let j = 0; j < units; j++) {
      const period = low * (high / low) ** rhythms();
      parameters[rhythm + j] = period;
      parameters[rhythm + units + j] = spread ? rhythms() * period : 0;
      parameters[rhythm + 2 * units + j] = ratioOn;
    }
  }
  refresh();
}
