// One recurrent network in float64: the LSTM, or the Phased LSTM, with a dense layer on its last output; forward and
// backward through time. All parameters lie in one array, so that an optimiser and a copy are one loop.

/**
 * Where the parts of a network lie in its parameters. A unit's weights stand together, the four gates i, f, c, o side by
 * side for every input; the inputs of a unit are 1 (the bias), then x, then the h of all units.
 * @param {Train.Shape} shape
 * @returns {Train.Layout}
 */
export function layout({ units, features, outputs, phased }) {
  const inputs = 1 + features + units;
  const dense = units * inputs * 4;
  const rhythm = dense + outputs * (1 + units);
  return { inputs, dense, rhythm, size: rhythm + (phased ? 3 * units : 0) };
}

/** The ends that plstm.TimeGate keeps period and ratio_on between, in natural units. */
const PERIODS = [1e-6, 1e30];
const RATIOS = [1e-6, 1];

/**
 * A weight of the rhythm as what it stands for, and the slope of that: its size, kept between two ends.
 * @param {number} weight
 * @param {number[]} ends
 * @returns {[value: number, slope: number]}
 */
function natural(weight, [low, high]) {
  const size = Math.abs(weight);
  if (size < low || size > high) return [Math.min(Math.max(size, low), high), 0];
  return [size, weight < 0 ? -1 : 1];
}

/**
 * Period, shift and ratio_on of every unit, in natural units.
 * @param {Train.Shape} shape
 * @param {Float64Array} parameters
 */
export function rhythmOf(shape, parameters) {
  const { rhythm } = layout(shape);
  const { units } = shape;
  /** @type {(part: number, ends: number[]) => number[]} */
  const part = (place, ends) => Array.from({ length: units }, (_, j) => natural(parameters[rhythm + place * units + j], ends)[0]);
  return {
    period: part(0, PERIODS),
    shift: Array.from(parameters.subarray(rhythm + units, rhythm + 2 * units)),
    ratio_on: part(2, RATIOS),
  };
}

// What a step leaves for the backward pass, for every unit: i, f, the candidate g, o, tanh of the proposal, k, dk / d phase,
// phase, and whether the unit was computed at all.
const KEPT = 9;

/**
 * A network whose sequences have up to ``longest`` steps. ``forward`` reads one sequence; ``backward`` then adds to
 * ``gradient`` what the slopes of the loss by the answers make of the parameters.
 * @param {Train.Shape} shape
 * @param {number} longest
 * @returns {Train.Network}
 */
export function network(shape, longest) {
  const { units: H, features: D, outputs: O, phased } = shape;
  const at = layout(shape);
  const N = at.inputs;
  const first = 1 + D;
  const parameters = new Float64Array(at.size);
  const gradient = new Float64Array(at.size);
  const u = new Float64Array((longest + 1) * N);
  const c = new Float64Array((longest + 1) * H);
  const kept = new Float64Array(longest * H * KEPT);
  const answers = new Float64Array(O);
  const [period, slopeOfPeriod, ratio, slopeOfRatio] = Array.from({ length: 4 }, () => new Float64Array(H));
  let [dh, dhBefore] = [new Float64Array(H), new Float64Array(H)];
  const dc = new Float64Array(H);
  let steps = 0;

  /** Reads period and ratio_on from their weights: needed after every change of the parameters. */
  function refresh() {
    if (!phased) return;
    for (let j = 0; j < H; j++) {
      [period[j], slopeOfPeriod[j]] = natural(parameters[at.rhythm + j], PERIODS);
      [ratio[j], slopeOfRatio[j]] = natural(parameters[at.rhythm + 2 * H + j], RATIOS);
    }
  }

  /**
   * The answers after the last step.
   * @param {Train.Sequence} sequence
   * @param {number} leak
   */
  function forward({ x, times }, leak) {
    steps = times.length;
    u.fill(0, first, N);
    c.fill(0, 0, H);
    for (let t = 0; t < steps; t++) {
      const here = t * N;
      u[here] = 1;
      for (let d = 0; d < D; d++) u[here + 1 + d] = x[t * D + d];
      for (let j = 0; j < H; j++) {
        const a = (t * H + j) * KEPT;
        const before = c[t * H + j];
        const hBefore = u[here + first + j];
        let k = 1;
        if (phased) {
          const cycles = (times[t] - parameters[at.rhythm + H + j]) / period[j];
          const phi = cycles - Math.floor(cycles);
          const r = ratio[j];
          const closed = phi >= r;
          k = closed ? leak * phi : phi < r / 2 ? (2 * phi) / r : 2 - (2 * phi) / r;
          kept[a + 6] = closed ? leak : phi < r / 2 ? 2 / r : -2 / r;
          kept[a + 7] = phi;
          if (closed && leak === 0) { // the unit keeps its state: nothing to compute, forwards or back
            kept[a + 8] = 0;
            kept[a + 5] = 0;
            c[(t + 1) * H + j] = before;
            u[here + N + first + j] = hBefore;
            continue;
          }
        }
        let zi = 0, zf = 0, zc = 0, zo = 0;
        for (let n = 0, w = j * N * 4; n < N; n++, w += 4) {
          const input = u[here + n];
          zi += input * parameters[w];
          zf += input * parameters[w + 1];
          zc += input * parameters[w + 2];
          zo += input * parameters[w + 3];
        }
        const i = 1 / (1 + Math.exp(-zi));
        const f = 1 / (1 + Math.exp(-zf));
        const g = 1 - 2 / (Math.exp(2 * zc) + 1);
        const o = 1 / (1 + Math.exp(-zo));
        const proposal = f * before + i * g;
        const squashed = 1 - 2 / (Math.exp(2 * proposal) + 1);
        kept[a] = i;
        kept[a + 1] = f;
        kept[a + 2] = g;
        kept[a + 3] = o;
        kept[a + 4] = squashed;
        kept[a + 5] = k;
        kept[a + 8] = 1;
        c[(t + 1) * H + j] = before + k * (proposal - before);
        u[here + N + first + j] = hBefore + k * (o * squashed - hBefore);
      }
    }
    return answersAt(steps);
  }

  /**
   * What the network would answer if the sequence ended after so many of its steps.
   * @param {number} step
   */
  function answersAt(step) {
    for (let q = 0; q < O; q++) {
      const w = at.dense + q * (1 + H);
      let sum = parameters[w];
      for (let j = 0; j < H; j++) sum += parameters[w + 1 + j] * u[step * N + first + j];
      answers[q] = sum;
    }
    return answers;
  }

  /**
   * @param {Train.Sequence} sequence the one that forward has just read
   * @param {ArrayLike<number>} slopes of the loss by the answers
   * @param {Train.Backward} options
   */
  function backward({ times }, slopes, { rhythm = false, lags = null } = {}) {
    dh.fill(0);
    dc.fill(0);
    for (let q = 0; q < O; q++) {
      const w = at.dense + q * (1 + H);
      gradient[w] += slopes[q];
      for (let j = 0; j < H; j++) {
        gradient[w + 1 + j] += slopes[q] * u[steps * N + first + j];
        dh[j] += slopes[q] * parameters[w + 1 + j];
      }
    }
    if (lags) lags[0] = lengthOf(dh, dc);
    for (let t = steps - 1; t >= 0; t--) {
      const here = t * N;
      dhBefore.fill(0);
      for (let j = 0; j < H; j++) {
        const a = (t * H + j) * KEPT;
        if (phased && kept[a + 8] === 0) {
          dhBefore[j] += dh[j];
          continue;
        }
        const [i, f, g, o, squashed, k] = [kept[a], kept[a + 1], kept[a + 2], kept[a + 3], kept[a + 4], kept[a + 5]];
        const before = c[t * H + j];
        if (rhythm) {
          const byOpenness = dc[j] * (f * before + i * g - before) + dh[j] * (o * squashed - u[here + first + j]);
          const byPhase = byOpenness * kept[a + 6];
          const tau = period[j];
          gradient[at.rhythm + j] -= ((byPhase * (times[t] - parameters[at.rhythm + H + j])) / (tau * tau)) * slopeOfPeriod[j];
          gradient[at.rhythm + H + j] -= byPhase / tau;
          if (kept[a + 7] < ratio[j]) gradient[at.rhythm + 2 * H + j] -= ((byPhase * kept[a + 7]) / ratio[j]) * slopeOfRatio[j];
        }
        const byOutput = dh[j] * k;
        const byProposal = dc[j] * k + byOutput * o * (1 - squashed * squashed);
        dhBefore[j] += dh[j] - byOutput;
        dc[j] = dc[j] * (1 - k) + byProposal * f;
        const zi = byProposal * g * i * (1 - i);
        const zf = byProposal * before * f * (1 - f);
        const zc = byProposal * i * (1 - g * g);
        const zo = byOutput * squashed * o * (1 - o);
        let w = j * N * 4;
        for (let n = 0; n < first; n++, w += 4) {
          const input = u[here + n];
          gradient[w] += input * zi;
          gradient[w + 1] += input * zf;
          gradient[w + 2] += input * zc;
          gradient[w + 3] += input * zo;
        }
        for (let n = 0; n < H; n++, w += 4) {
          const input = u[here + first + n];
          gradient[w] += input * zi;
          gradient[w + 1] += input * zf;
          gradient[w + 2] += input * zc;
          gradient[w + 3] += input * zo;
          dhBefore[n] += parameters[w] * zi + parameters[w + 1] * zf + parameters[w + 2] * zc + parameters[w + 3] * zo;
        }
      }
      [dh, dhBefore] = [dhBefore, dh];
      if (lags) lags[steps - t] = lengthOf(dh, dc);
    }
  }

  return { shape, parameters, gradient, refresh, forward, answersAt, backward };
}

/**
 * The length of two vectors set end to end.
 * @param {Float64Array} a
 * @param {Float64Array} b
 */
function lengthOf(a, b) {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * a[j] + b[j] * b[j];
  return Math.sqrt(sum);
}
