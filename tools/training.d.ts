// The shapes of what the modules that train in a page hand each other, for tsc alone.

declare namespace Train {
  interface Shape {
    units: number;
    features: number;
    outputs: number;
    phased: boolean;
  }

  /** Inputs of a unit, bias among them; where the dense layer and the rhythm begin; how many parameters there are. */
  interface Layout {
    inputs: number;
    dense: number;
    rhythm: number;
    size: number;
  }

  /** x holds all features of a step side by side; the target is a class, or a number. */
  interface Sequence {
    x: Float64Array;
    times: Float64Array;
    target: number;
  }

  interface Backward {
    /** Whether period, shift and ratio_on are learned. */
    rhythm?: boolean;
    /** Gets the size of the gradient by the state after the last step, the step before, and so on. */
    lags?: Float64Array | null;
  }

  interface Network {
    shape: Shape;
    parameters: Float64Array;
    gradient: Float64Array;
    refresh: () => void;
    forward: (sequence: Sequence, leak: number) => Float64Array;
    answersAt: (step: number) => Float64Array;
    backward: (sequence: Sequence, slopes: ArrayLike<number>, options?: Backward) => void;
  }

  interface Optimiser {
    step: (batch: number, rate: number, clip: number) => number;
  }

  interface Start {
    seed: number;
    /** The features that both networks have. */
    shared: number;
    /** The longest lag that chrono biases are made for; 0 for the usual biases. */
    chrono?: number;
    periods: [low: number, high: number];
    ratioOn: number;
  }
}
