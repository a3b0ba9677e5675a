// The shapes of what the live figures' modules hand each other, for tsc alone: nothing of it reaches a page.
// plstm/lab/live/scene.py says what a scene and its marks mean, controls.py what a control is.

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

  type Mark = Line | Area | Points | Band | Rows | Cells | Columns | Bars;

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
  }

  /** The SVG of one kind of mark. */
  type Painter<M extends Mark> = (mark: M, at: Scales, colour: string, panel: Panel, colours: Colours) => string;

  /** CSS colours by the name of a quantity. */
  type Colours = Record<string, string>;

  interface Slider {
    kind: "slider";
    name: string;
    label: string;
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
    options: Record<string, string>;
  }

  type Control = Slider | Choice;

  /** The values of a figure's controls, by name; what each figure has of them its scene says. */
  type Values = Record<string, any>;

  /** What the JSON block of a figure holds; `data` is what both languages need, and differs by kind. */
  interface Config<Data = any> {
    kind: string;
    title: string;
    controls: Control[];
    values: Values;
    data: Data;
    cursor: string;
    colours: Colours;
  }

  /** The control's elements, and what makes them show a value. */
  interface Part {
    node: HTMLElement;
    show: (value: any) => void;
  }

  /** What a figure keeps in a link beside the values of its controls. */
  interface Link {
    give: () => Record<string, string>;
    take: (texts: Record<string, string>) => void;
  }

  /** What is open to a figure's own additions. */
  interface Handle {
    set: (asked: Values) => void;
    values: () => Values;
  }

  /** A figure's own additions; the panel with the title `instead` is left out, for `nodes` show it. */
  interface Extra {
    nodes: Node[];
    link?: Link;
    instead?: string;
    show?: (values: any) => void;
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
    own: number[];
    rhythms?: { k: Record<Network, number[][]>; order: number[] };
    answers?: Record<string, Record<Network, Answer>>;
    runs?: Rows["runs"];
  }
}
