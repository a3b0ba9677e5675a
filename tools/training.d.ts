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
    /** Whether shifts are spread over the period, or all 0. */
    spread?: boolean;
  }

  type Name = "lstm" | "phased";
  type Both<T> = Record<Name, T>;

  /** A task: `guess` is the loss of guessing, `most` its longest sequence; without `draw` the page brings the data. */
  interface Task {
    features: number;
    outputs: number;
    guess: number;
    most: number;
    draw: ((draw: () => number, steps: number) => Sequence) | null;
  }

  interface Digits {
    pixels: string;
    labels: string;
    train: number;
  }

  interface Source {
    next: () => Sequence;
    test: Sequence[];
  }

  /** What the controls of the figure say. */
  interface Settings {
    task: string;
    steps: number;
    units: number;
    rate: number;
    clip: number;
    seed: number;
    shortest: number;
    longest: number;
    ratio_on: number;
    shifts: string;
    gate: string;
    leak: number;
    biases: string;
    gaps: string;
  }

  interface Test {
    update: number;
    loss: Both<number>;
    right: Both<number>;
  }

  /** What came of an update: means over its batch; the periods and a test now and then; a network that is not finite. */
  interface Point extends Test {
    test?: Test;
    periods?: number[];
    broken?: Name;
  }

  interface Look {
    sequence: Sequence;
    features: number;
    views: Both<{ answers: number[][]; lags: Float64Array }>;
    rhythm: { period: number[]; shift: number[]; ratio_on: number[] };
  }

  interface Run {
    update: () => Generator<null, Point, unknown>;
    test: () => Generator<null, Test, unknown>;
    look: (place: number) => Look;
    guess: number;
    steps: number;
    held: number;
    lastTest: () => Test | null;
    updates: () => number;
    learners: { name: Name; net: Network }[];
  }

  /** Why a run stopped; "" while it goes on, or when the reader stopped it. */
  type Why = "" | "broken" | "verdict" | "limit" | "solved" | "plateau" | "hidden";

  /** What a figure asks of the loop. */
  type Order =
    | { type: "start"; id: number; settings: Settings; digits: Digits | null; sample: number }
    | { type: "play" }
    | { type: "pause"; why: Why }
    | { type: "step" }
    | { type: "look"; sample: number };

  interface Snapshot {
    type: "snapshot";
    id: number;
    /** What has come since the last one. */
    points: Point[];
    look: Look;
    playing: boolean;
    why: Why;
    held: number;
    guess: number;
  }

  /** What the loop tells. */
  type Report = Snapshot | { type: "failed"; id: number; words: string };

  interface Connection {
    send: (order: Order) => void;
    inWorker: () => boolean;
    end: () => void;
  }
}

declare namespace Step {
  type GateName = "i" | "f" | "g" | "o";
  type RhythmName = "period" | "shift" | "ratio_on";

  /** For each gate the bias, then what x and the h of all units are multiplied by. */
  type Unit = Record<GateName, number[]> & Record<RhythmName, number>;

  /** All numbers of one unit in one step. */
  interface Unfolded extends Record<GateName, number> {
    z: Record<GateName, number>;
    proposal: number;
    output: number;
    phase: number;
    k: number;
    byPhase: number;
    byRatio: number;
    c: number;
    h: number;
  }

  interface Forward {
    t: number;
    x: number;
    seen: number[];
    hBefore: number[];
    cBefore: number[];
    units: Unfolded[];
  }

  /** Slopes of L by what stands in one unit's step. */
  interface Backward extends Record<RhythmName, number> {
    h: number;
    c: number;
    k: number;
    phase: number;
    output: number;
    proposal: number;
    z: Record<GateName, number>;
    cBefore: number;
    kept: number;
    hBefore: number;
  }

  interface Told {
    part: string;
    unit: number;
    weights: Unit;
    at: Forward;
    back: Backward[];
  }

  type Line = [words: string, numbers: string];
}
