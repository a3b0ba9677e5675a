// The shapes of what the live figures' modules hand each other, for tsc alone: nothing of it reaches a page.
// The controls of a figure are declared in Python, in plstm/lab/live/controls.py and in the file of each figure.

declare namespace Live {
  type Shape = "triangle" | "gaussian" | "square";

  interface Gate {
    period: number;
    ratio_on: number;
    shift?: number;
    leak?: number;
    shape?: Shape;
  }

  /** Ready-made arrays or typed ones: what is only read by index. */
  type Vector = ArrayLike<number>;
  type Matrix = ArrayLike<Vector>;

  interface LstmWeights {
    kernel: Matrix;
    recurrent_kernel: Matrix;
    bias: Vector;
    peepholes?: Vector[] | null;
  }

  interface GruWeights {
    kernel: Matrix;
    recurrent_kernel: Matrix;
    bias: Vector[];
  }

  interface State {
    h: number[];
    c: number[];
  }

  /** [low, high], or [from, to]. */
  type Ends = [number, number];

  /** Values along an axis; null or NaN leaves a gap. */
  type Gapped = (number | null)[];

  interface Curve {
    t: number[];
    phase: Gapped;
    k: Gapped;
    slope: Gapped;
  }

  interface AnyMark {
    colour: string;
    label?: string;
  }

  interface Polyline extends AnyMark {
    x: number[];
    y: Gapped;
    width?: number;
    dash?: boolean;
  }

  interface Line extends Polyline {
    kind: "line";
  }

  interface Area extends Polyline {
    kind: "area";
  }

  interface Points extends AnyMark {
    kind: "points";
    x: number[];
    y: number[];
    size?: number;
  }

  interface Band extends AnyMark {
    kind: "band";
    over: Ends;
  }

  interface Rows extends AnyMark {
    kind: "rows";
    runs: [row: number, from: number, to: number][];
  }

  /** Rows that are open by turns too fast to be drawn, and the share of the time that they are. */
  interface Tints extends AnyMark {
    kind: "tints";
    rows: [row: number, share: number][];
  }

  interface Cells extends AnyMark {
    kind: "cells";
    x: number[];
    y: number[];
    opacity: number[];
  }

  interface Columns extends AnyMark {
    kind: "columns";
    x: number[];
    y: number[];
    width: number;
  }

  interface Bars extends AnyMark {
    kind: "bars";
    y: number[];
    colours: string[];
    labels: string[];
  }

  type Mark = Line | Area | Points | Band | Rows | Tints | Cells | Columns | Bars;

  interface Panel {
    title: string;
    x: Ends;
    y: Ends;
    marks: Mark[];
    height: number;
    yticks: number[];
    xticks?: number[];
    xlabel: string;
    log: boolean;
    /** Whether the y axis, which follows the values, waits until the hand lets go. */
    steady?: boolean;
  }

  /** A line of the formula, and whether it is the branch that holds. */
  type FormulaLine = [text: string, on: boolean];

  interface Scene {
    panels: Panel[];
    sentence: string;
    formula: FormulaLine[];
  }

  /** From numbers to pixels, and back along x. */
  interface Scales {
    x: (value: number) => number;
    y: (value: number) => number;
    unx: (pixel: number) => number;
    /** On a linear axis. */
    uny: (pixel: number) => number;
  }

  /** The SVG of one kind of mark. */
  type Painter<M extends Mark> = (mark: M, at: Scales, colour: string, panel: Panel, colours: Colours) => string;

  /** CSS colours by the name of a quantity. */
  type Colours = Record<string, string>;

  interface Slider {
    kind: "slider";
    name: string;
    label: string;
    default: number;
    low: number;
    high: number;
    step: number;
    log: boolean;
    unit: string;
    integer: boolean;
    quantity: string;
    symbol: string;
  }

  interface Choice {
    kind: "choice";
    name: string;
    label: string;
    default: string;
    options: Record<string, string>;
  }

  /** A value without a control of its own: the figure's additions read and write it. */
  interface Text {
    kind: "text";
    name: string;
    default: string;
  }

  type Control = Slider | Choice | Text;

  /** What a control makes of a value that somebody asked for, and what to say when it is another. */
  interface Taken {
    value: number | string | null;
    said?: string;
  }

  /** The values of a figure's controls, by name; what each figure has of them its scene says. */
  type Values = Record<string, any>;

  /** What all values of a figure have in common: `values` are those that Reset goes back to, `data` differs by kind. */
  interface Spec<Data = any> {
    title: string;
    controls: Control[];
    values: Values;
    data: Data;
    cursor: string;
    colours: Colours;
    /** Whether a page without a kernel shows the figure: there it may move by itself. */
    page?: boolean;
  }

  /** What a figure and its surroundings share: anywidget's front-end model, or the host's on a page. */
  interface Model {
    get: (name: string) => any;
    set: (name: string, value: any) => void;
    on: (event: string, callback: () => void) => void;
    off: (event: string, callback?: () => void) => void;
    save_changes: () => void;
  }

  /** A figure on a page, and what its attributes and links say as values. */
  interface Mounted {
    figure: HTMLElement;
    model: Model;
    names: string[];
    parsed: (text: string) => number | boolean | string;
  }

  /** What a figure's module exports for anywidget and for the host; what it returns undoes it. */
  type Render = (context: { model: Model; el: HTMLElement }) => () => void;

  /** The control's elements, and what makes them show a value, and words about it. */
  interface Part {
    node: HTMLElement;
    show: (value: any, words: string) => void;
  }

  /** A point of a picture that can be dragged: where it is, and the values for a place of the pointer along x. */
  interface Hand {
    name: string;
    panel?: number;
    x: number;
    y: number;
    drag: (x: number) => Values;
  }

  /** A place on a picture, in the numbers of its panel's axes. */
  interface Place {
    panel: number;
    x: number;
    y: number;
  }

  /** What lies under a pointer: the x of all panels, and how many pixels away a handle is. */
  interface Grip {
    /** The panel under a pointer, or the one that is held, and where in it; null beside all of them. */
    place: (pointer: { clientX: number; clientY: number }, held?: number) => Place | null;
    x: (clientX: number) => number;
    near: (hand: Hand, pointer: { clientX: number; clientY: number }) => number;
  }

  /** What is open to a figure's own additions. */
  interface Handle {
    set: (asked: Values) => void;
    values: () => Values;
  }

  /** A figure's own additions; the panels with the titles `instead` are left out, for `nodes` show them. */
  interface Extra {
    nodes: Node[];
    buttons?: Node[];
    below?: Node[];
    hands?: (values: any) => Hand[];
    /** The values after a stroke of the pointer, or after a click; null where it means nothing. */
    draw?: (from: Place, to: Place, values: any) => Values | null;
    put?: (place: Place, values: any) => Values | null;
    instead?: string[];
    show?: (values: any, seen: Scene) => void;
  }

  /** The names of the two networks that read digits. */
  type Network = "phased" | "lstm";

  interface ReaderWeights extends LstmWeights {
    kernel: Vector[];
    recurrent_kernel: Vector[];
    bias: number[];
    dense_kernel: Matrix;
    dense_bias: Vector;
  }

  interface PhasedWeights extends ReaderWeights {
    period: number[];
    shift: number[];
    ratio_on: number[];
    shape: Shape;
  }

  /** Cell states after 0, 1, ... pixels, and the probabilities of the digits after so many. */
  interface Answer {
    c: number[][];
    p: (step: number) => number[];
  }

  /** The data of the digit reader: what the page brings, then what is computed once from it. */
  interface ReaderData {
    networks: { phased: PhasedWeights; lstm: ReaderWeights };
    pixels: Record<string, number[]>;
    labels: Record<string, number>;
    every: number;
    shown: number;
    guess: number;
    rhythms?: { k: Record<Network, number[][]>; order: number[] };
    answers?: Record<string, Record<Network, Answer>>;
    runs?: Rows["runs"];
  }
}
