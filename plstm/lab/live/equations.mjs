// The equations, in float64: the time gate and its slopes, one step of the LSTM and the GRU with a gate.
// They mirror plstm/gate.py and plstm/reference.py; tests/lab/live compares them number by number.

/** @param {number} z */
export const sigmoid = (z) => 0.5 * (1 + Math.tanh(0.5 * z));

/**
 * @param {number} t
 * @param {number} period
 * @param {number} shift
 */
export function phase(t, period, shift) {
  const cycles = (t - shift) / period;
  const fraction = cycles - Math.floor(cycles);
  return fraction >= 1 ? 0 : fraction;
}

/**
 * @param {number} part
 * @param {Live.Shape} shape
 */
export function bump(part, shape = "triangle") {
  if (shape === "gaussian") return Math.exp(-18 * (part - 0.5) ** 2);
  return shape === "square" ? 1 : Math.min(2 * part, 2 - 2 * part);
}

/**
 * @param {number} phi
 * @param {number} ratioOn
 * @param {number} leak
 * @param {Live.Shape} shape
 */
export const openness = (phi, ratioOn, leak = 0, shape = "triangle") =>
  phi < ratioOn ? bump(phi / ratioOn, shape) : leak * phi;

/**
 * @param {number} t
 * @param {Live.Gate} gate
 */
export const gate = (t, { period, shift = 0, ratio_on, leak = 0, shape = "triangle" }) =>
  openness(phase(t, period, shift), ratio_on, leak, shape);

/**
 * d bump / d part; the square borrows the triangle's slope, as it does in training.
 * @param {number} part
 * @param {Live.Shape} shape
 */
export function bumpSlope(part, shape = "triangle") {
  if (shape === "gaussian") return -36 * (part - 0.5) * bump(part, shape);
  return part < 0.5 ? 2 : -2;
}

/**
 * Slopes of k at t with respect to the period, the shift and ratio_on.
 * @param {number} t
 * @param {Live.Gate} gate
 */
export function gateSlopes(t, { period, shift = 0, ratio_on, leak = 0, shape = "triangle" }) {
  const phi = phase(t, period, shift);
  const open = phi < ratio_on;
  const byPart = open ? bumpSlope(phi / ratio_on, shape) : 0;
  const byPhase = open ? byPart / ratio_on : leak;
  return {
    period: (-byPhase * (t - shift)) / period ** 2,
    shift: -byPhase / period,
    ratio_on: open ? (-byPart * phi) / ratio_on ** 2 : 0,
  };
}

/**
 * x W + h U + b in one column, for plain arrays: kernel [D][n], recurrentKernel [H][n], bias [n].
 * @param {Live.Vector} x
 * @param {Live.Vector} h
 * @param {Live.Matrix} kernel
 * @param {Live.Matrix} recurrentKernel
 * @param {Live.Vector} bias
 * @param {number} column
 */
function affine(x, h, kernel, recurrentKernel, bias, column) {
  let z = bias[column];
  for (let d = 0; d < x.length; d++) z += x[d] * kernel[d][column];
  for (let n = 0; n < h.length; n++) z += h[n] * recurrentKernel[n][column];
  return z;
}

/**
 * One step of the Phased LSTM; k is an array of H, gate order i, f, c, o; weights as in Keras.
 * A closed unit costs nothing.
 * @param {Live.Vector} x
 * @param {number[]} h
 * @param {number[]} c
 * @param {Live.Vector} k
 * @param {Live.LstmWeights} weights
 * @returns {Live.State}
 */
export function lstmStep(x, h, c, k, { kernel, recurrent_kernel, bias, peepholes = null }) {
  const units = h.length;
  const next = { h: [...h], c: [...c] };
  for (let n = 0; n < units; n++) {
    if (k[n] === 0) continue;
    /** @param {number} block */
    const z = (block) => affine(x, h, kernel, recurrent_kernel, bias, block * units + n);
    const [pi, pf, po] = peepholes ? peepholes.map((p) => p[n]) : [0, 0, 0];
    const i = sigmoid(z(0) + pi * c[n]);
    const f = sigmoid(z(1) + pf * c[n]);
    const proposal = f * c[n] + i * Math.tanh(z(2));
    const o = sigmoid(z(3) + po * proposal);
    next.c[n] += k[n] * (proposal - c[n]);
    next.h[n] += k[n] * (o * Math.tanh(proposal) - h[n]);
  }
  return next;
}

/**
 * One step of the Phased GRU in Keras' reset_after form; gate order z, r, h; bias [2][3H]. Returns the new h.
 * @param {Live.Vector} x
 * @param {number[]} h
 * @param {Live.Vector} k
 * @param {Live.GruWeights} weights
 */
export function gruStep(x, h, k, { kernel, recurrent_kernel, bias }) {
  const units = h.length;
  return h.map((before, n) => {
    /** @param {number} block */
    const input = (block) => affine(x, [], kernel, [], bias[0], block * units + n);
    /** @param {number} block */
    const recurrent = (block) => affine([], h, [], recurrent_kernel, bias[1], block * units + n);
    const z = sigmoid(input(0) + recurrent(0));
    const r = sigmoid(input(1) + recurrent(1));
    const proposal = z * before + (1 - z) * Math.tanh(input(2) + r * recurrent(2));
    return before + k[n] * (proposal - before);
  });
}

/** @param {number[]} logits */
export function softmax(logits) {
  const top = Math.max(...logits);
  const weights = logits.map((z) => Math.exp(z - top));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / sum);
}

/**
 * The same uniform numbers in [0, 1) as plstm.lab.live.scene.uniform: the generator mulberry32.
 * @param {number} seed
 */
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z = (z + Math.imul(z ^ (z >>> 7), z | 61)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The numbers 0, 1, ..., or a value for each of them.
 * @overload
 * @param {number} count
 * @returns {number[]}
 */
/**
 * @template T
 * @overload
 * @param {number} count
 * @param {(i: number) => T} value
 * @returns {T[]}
 */
/**
 * @param {number} count
 * @param {(i: number) => any} value
 */
export function range(count, value = (i) => i) {
  return Array.from({ length: count }, (_, i) => value(i));
}

/**
 * @param {number} start
 * @param {number} stop
 * @param {number} count
 */
export const linspace = (start, stop, count) => range(count, (i) => start + ((stop - start) * i) / (count - 1));

// Shapes whose slope jumps at the peak, where a point has two.
const KINKED = ["triangle", "square"];

/**
 * The points of one period, exact at every kink: phases, openness there, and the slope of openness by phase.
 * @param {number} ratioOn
 * @param {number} leak
 * @param {Live.Shape} shape
 */
function onePeriod(ratioOn, leak, shape) {
  const points = [];
  for (const [from, to] of [[0, 0.5], [0.5, 1]]) {
    for (const part of linspace(from, to, 9)) {
      const slope = !KINKED.includes(shape) ? bumpSlope(part, shape) : from === 0 ? 2 : -2;
      points.push([part * ratioOn, bump(part, shape), slope / ratioOn]);
    }
  }
  points.push([ratioOn, leak * ratioOn, leak], [1, leak, leak]);
  return points;
}

/**
 * k over [0, until] as polylines exact at every kink: times, phase, openness, slope by the period.
 * @param {Live.Gate} gate
 * @param {number} until
 */
export function gateCurve({ period, shift = 0, ratio_on, leak = 0, shape = "triangle" }, until) {
  /** @type {Live.Curve} */
  const curve = { t: [], phase: [], k: [], slope: [] };
  const points = onePeriod(ratio_on, leak, shape);
  for (let n = Math.floor(-shift / period); n < Math.ceil((until - shift) / period); n++) {
    for (const [phi, k, slope] of points) {
      curve.t.push(shift + (n + phi) * period);
      curve.phase.push(phi);
      curve.k.push(k);
      curve.slope.push((-slope * (n + phi)) / period);
    }
    curve.t.push(shift + (n + 1) * period);
    for (const gap of [curve.phase, curve.k, curve.slope]) gap.push(null);
  }
  return curve;
}

/**
 * Values that stay until the next time: the corners of the staircase.
 * @param {number[]} times
 * @param {number[]} values
 * @param {number} until
 */
export function held(times, values, until) {
  /** @type {[t: number[], v: number[]]} */
  const [t, v] = [[], []];
  times.forEach((time, i) => {
    t.push(time, i + 1 < times.length ? times[i + 1] : until);
    v.push(values[i], values[i]);
  });
  return [t, v];
}

/**
 * A number for people: three significant digits, whole and in groups from 1000 on, a true minus sign.
 * @param {number} value
 */
export function number(value) {
  const nudged = value * (1 + 1e-12);
  const rounded = Number(Math.abs(value) >= 1000 ? nudged.toFixed(0) : nudged.toPrecision(3));
  const text = Math.abs(rounded).toLocaleString("en-US", { maximumFractionDigits: 12 });
  return rounded < 0 && text !== "0" ? `−${text}` : text;
}

/**
 * A number with its noun in the right number.
 * @param {number} count
 * @param {string} noun
 */
export function counted(count, noun) {
  const text = number(count);
  return text === "1" ? `${text} ${noun}` : `${text} ${noun}s`;
}

/**
 * The smallest of 1, 2, 3 and 5 times a power of ten that is not below a number.
 * @param {number} reach
 */
export function roundedUp(reach) {
  const power = 10 ** Math.floor(Math.log10(reach) + 1e-9);
  return Number((power * ([1, 2, 3, 5].find((factor) => factor * power >= reach * (1 - 1e-9)) ?? 10)).toPrecision(1));
}

/**
 * Zero, and the largest of 1, 2 and 5 times a power of ten that fits, on either side where it fits.
 * @param {number} low
 * @param {number} high
 */
export function ticksAboutZero(low, high) {
  const reach = Math.max(-low, high);
  const power = 10 ** Math.floor(Math.log10(reach));
  const tick = Math.max(...[1, 2, 5].filter((factor) => factor * power <= reach)) * power;
  return [-tick, 0, tick].filter((value) => low <= value && value <= high);
}

/** @param {number} share */
export const percent = (share) => `${number(100 * share)} %`;
