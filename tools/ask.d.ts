// The shapes of the questions on a page, for tsc alone: nothing of it reaches a page.

declare namespace Ask {
  interface Verdict {
    right: boolean;
    message: string;
  }

  /** A known answer: its numbers, null for any, and how far from each an answer may be. */
  interface Case extends Verdict {
    values: (number | null)[];
    tolerances: number[];
  }

  /** An exercise, as `page` of plstm/lab/exercises/rule.py gives it; without cases the rule is one of judge.mjs. */
  interface Question {
    check: string;
    kind: "number" | "list" | "letters";
    title: string;
    fields: string[];
    cases?: Case[];
    hint?: string;
  }

  /** A prediction of a curve by its points, [t, k] each; `line` is the whole curve. */
  interface Curve {
    title: string;
    points: [number, number][];
    line: [number[], number[]];
    why: string;
    colours: Record<string, string>;
  }

  /** A prediction, as plstm/lab/predict.py gives it; `answer` is the number, or the place of the option. */
  interface Prediction {
    title: string;
    answer: number;
    unit: string;
    shown: string;
    options: string[];
    why: string;
  }
}
