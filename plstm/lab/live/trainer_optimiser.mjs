// The losses, and Adam with clipping by the norm of all gradients together, as in Keras.

/**
 * Cross-entropy of a softmax over the answers; ``slopes`` gets its slopes by the answers.
 * @param {ArrayLike<number>} answers
 * @param {number} target the place of the right class
 * @param {Float64Array} slopes
 */
export function crossEntropy(answers, target, slopes) {
  let top = answers[0];
  for (let q = 1; q < answers.length; q++) top = Math.max(top, answers[q]);
  let sum = 0;
  for (let q = 0; q < answers.length; q++) sum += slopes[q] = Math.exp(answers[q] - top);
  for (let q = 0; q < answers.length; q++) slopes[q] = slopes[q] / sum - (q === target ? 1 : 0);
  return Math.log(sum) + top - answers[target];
}

/**
 * The square of the error of one answer.
 * @param {ArrayLike<number>} answers
 * @param {number} target
 * @param {Float64Array} slopes
 */
export function squaredError(answers, target, slopes) {
  const error = answers[0] - target;
  slopes[0] = 2 * error;
  return error * error;
}

/**
 * Adam over one array of parameters. ``step`` divides the summed gradient by the batch, clips, moves, and empties it.
 * @param {Float64Array} parameters
 * @param {Float64Array} gradient
 * @returns {Train.Optimiser}
 */
export function adam(parameters, gradient) {
  const mean = new Float64Array(parameters.length);
  const square = new Float64Array(parameters.length);
  let count = 0;
  return {
    step(batch, rate, clip) {
      count += 1;
      let norm = 0;
      for (let n = 0; n < gradient.length; n++) {
        gradient[n] /= batch;
        norm += gradient[n] * gradient[n];
      }
      norm = Math.sqrt(norm);
      const scale = clip > 0 && norm > clip ? clip / norm : 1;
      const size = (rate * Math.sqrt(1 - 0.999 ** count)) / (1 - 0.9 ** count);
      for (let n = 0; n < gradient.length; n++) {
        const g = gradient[n] * scale;
        mean[n] += 0.1 * (g - mean[n]);
        square[n] += 0.001 * (g * g - square[n]);
        parameters[n] -= (size * mean[n]) / (Math.sqrt(square[n]) + 1e-7);
        gradient[n] = 0;
      }
      return norm;
    },
  };
}
