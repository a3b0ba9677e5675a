// The looks of what "train here" has beside the controls that all figures share.

import { element } from "./controls.mjs";

const TRAINING_STYLE = `
.plstm-live [hidden] { display: none !important }
.plstm-live .plstm-trainer-head { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: 0.6rem; align-items: center }
.plstm-live fieldset { border: 1px solid var(--line); border-radius: 0.4rem; margin: 0.6rem 0; padding: 0.2rem 0.8rem 0.5rem; min-width: 0 }
.plstm-live fieldset legend { float: none; width: auto; margin: 0; padding: 0 0.3rem; font-size: inherit; line-height: 1.4 }
.plstm-live .plstm-option { display: inline-flex; align-items: center; gap: 0.3rem; min-height: 1.8rem; margin-right: 1.2rem }
.plstm-live input[type="radio"] { accent-color: #0072B2; width: 1.05rem; height: 1.05rem }
.plstm-live input[type="radio"]:focus-visible, .plstm-live summary:focus-visible { outline: 2px solid #0072B2; outline-offset: 2px; box-shadow: 0 0 0 5px #56B4E9 }
.plstm-live .plstm-verdict { margin: 0; font-weight: 600 }
.plstm-live .plstm-verdict:empty { display: none }
.plstm-live .plstm-run { display: flex; flex-wrap: wrap; gap: 0.6rem; margin: 0.5rem 0 0.2rem }
.plstm-live button:disabled { opacity: 0.5; cursor: default }
.plstm-live details { border: 1px solid var(--line); border-radius: 0.4rem; margin: 0.6rem 0; padding: 0 0.8rem }
.plstm-live details[open] { padding-bottom: 0.5rem }
.plstm-live summary { cursor: pointer; padding: 0.35rem 0; min-height: 1.8rem }
.plstm-live .plstm-group { padding-left: 0.6rem }
.plstm-live .plstm-state { margin: 0.4rem 0 0; padding: 0; min-height: 2.8em; font-variant-numeric: tabular-nums; text-align: left }
.plstm-live .plstm-looks { margin-top: 0.8rem; padding-top: 0.5rem; border-top: 1px solid var(--line) }
@media print { .plstm-live :is(.plstm-predict, details) { display: none } }
`;

export function addTrainingStyle() {
  if (document.getElementById("plstm-training-style")) return;
  document.head.append(element("style", { id: "plstm-training-style", textContent: TRAINING_STYLE }));
}
