// A square of 28 x 28 pixels to look at and to draw in: with a pointer, or with arrow keys and Space.

import { element } from "./controls.mjs";

const SIDE = 28;
const SCALE = 8;
const HELP = "Drawing of 28 by 28 pixels. Arrow keys move the pen, Space draws or lifts it, Delete clears.";

// The size of a drawing's box, at most this much enlarged, and how finely a pixel is sampled when it is scaled.
const BOX = 20;
const LARGEST = 2;
const FINE = 4;

/**
 * What is drawn as the digits learned from were made: scaled to a box of 20 x 20, its centre of mass in the middle.
 * @param {number[]} pixels
 */
export function prepared(pixels) {
  const inked = pixels.flatMap((grey, i) => (grey ? [i] : []));
  if (inked.length === 0) return pixels.map(() => 0);
  const mass = inked.reduce((sum, i) => sum + pixels[i], 0);
  const [rows, columns] = [inked.map((i) => Math.floor(i / SIDE)), inked.map((i) => i % SIDE)];
  /** @param {number[]} places */
  const extent = (places) => Math.max(...places) - Math.min(...places) + 1;
  const scale = Math.min(LARGEST, BOX / Math.max(extent(rows), extent(columns)));
  /** @param {number[]} places */
  const centre = (places) => places.reduce((sum, place, n) => sum + pixels[inked[n]] * (place + 0.5), 0) / mass;
  const [down, right] = [centre(rows), centre(columns)];
  /**
   * @param {number} place
   * @param {number} middle
   */
  const source = (place, middle) => Math.floor((place - SIDE / 2) / scale + middle);
  return pixels.map((_, i) => {
    let sum = 0;
    for (let part = 0; part < FINE * FINE; part++) {
      const row = source(Math.floor(i / SIDE) + (Math.floor(part / FINE) + 0.5) / FINE, down);
      const column = source((i % SIDE) + ((part % FINE) + 0.5) / FINE, right);
      if (row >= 0 && row < SIDE && column >= 0 && column < SIDE) sum += pixels[row * SIDE + column];
    }
    return Math.round(sum / FINE ** 2);
  });
}

/**
 * A drawing as text, a digit from 0 to f for the grey of each pixel; an empty one is no text at all.
 * @param {number[]} pixels
 */
export function toText(pixels) {
  const text = pixels.map((grey) => Math.round(grey / 17).toString(16)).join("");
  return /[^0]/.test(text) ? text : "";
}

/**
 * The drawing that a text holds; an empty one where it holds none.
 * @param {string} text
 */
export const fromText = (text) =>
  (/^[0-9a-f]{784}$/.test(text) ? [...text].map((grey) => 17 * parseInt(grey, 16)) : new Array(SIDE * SIDE).fill(0));

/**
 * A round soft pen around (x, y), in pixels.
 * @param {number[]} pixels
 * @param {number} x
 * @param {number} y
 */
function stamp(pixels, x, y) {
  pixels.forEach((grey, i) => {
    const distance = Math.hypot((i % SIDE) + 0.5 - x, Math.floor(i / SIDE) + 0.5 - y);
    pixels[i] = Math.max(grey, Math.round(255 * Math.min(1, Math.max(0, 1.9 - distance))));
  });
}

/**
 * Pixels on a canvas, those from ``step`` on faint.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} pixels
 * @param {number} step
 */
function paint(canvas, pixels, step) {
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("expected a canvas to draw on in two dimensions, got none");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = getComputedStyle(canvas).color;
  pixels.forEach((grey, i) => {
    context.globalAlpha = (grey / 255) * (i < step ? 1 : 0.25);
    context.fillRect((i % SIDE) * SCALE, Math.floor(i / SIDE) * SCALE, SCALE, SCALE);
  });
  context.globalAlpha = 1;
  return context;
}

/** @param {Record<string, any>} properties */
const canvasWith = (properties) => element("canvas", { width: SIDE * SCALE, height: SIDE * SCALE, ...properties });

/**
 * ``begun()`` hears of the start of every stroke, ``changed(drawn)`` of its end, with the pixels as they are drawn.
 * @param {{ begun: () => void, changed: (drawn: number[]) => void }} told
 */
export function drawingPad({ begun, changed }) {
  /** @type {number[]} */
  const drawn = new Array(SIDE * SIDE).fill(0);
  const canvas = canvasWith({ tabIndex: 0, role: "application", "aria-label": HELP });
  const small = canvasWith({ "aria-hidden": "true" });
  const seen = element("div", { className: "plstm-seen" }, small, "as they read it");
  const pen = { x: 14, y: 6, down: false };
  /** @type {{ pointer: number, last: [x: number, y: number] } | null} */
  let stroke = null;
  let shown = { own: false, pixels: drawn, step: 0 };

  /** @param {typeof shown} next */
  function show(next) {
    shown = next;
    const { own, pixels, step } = shown;
    seen.hidden = !own;
    if (own) paint(small, pixels, step);
    const context = own ? paint(canvas, drawn, SIDE * SIDE) : paint(canvas, pixels, step);
    if (document.activeElement === canvas && canvas.matches(":focus-visible")) {
      context.strokeStyle = pen.down ? "#D55E00" : "#0072B2";
      context.lineWidth = 3;
      context.strokeRect(pen.x * SCALE - SCALE, pen.y * SCALE - SCALE, 2 * SCALE, 2 * SCALE);
    }
  }

  const begin = () => {
    begun();
    if (!shown.own) drawn.fill(0);
  };
  const clear = () => {
    drawn.fill(0);
    pen.down = false;
    changed(drawn);
  };
  /** @type {(event: PointerEvent) => [x: number, y: number]} */
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  canvas.addEventListener("pointerdown", (event) => {
    // A second finger or another button draws nothing.
    if (stroke !== null || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    begin();
    stroke = { pointer: event.pointerId, last: place(event) };
    stamp(drawn, ...stroke.last);
    paint(canvas, drawn, SIDE * SIDE);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (stroke === null || stroke.pointer !== event.pointerId) return;
    const [from, to] = [stroke.last, place(event)];
    const strides = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / 0.5);
    for (let i = 1; i <= strides; i++) {
      stamp(drawn, from[0] + ((to[0] - from[0]) * i) / strides, from[1] + ((to[1] - from[1]) * i) / strides);
    }
    stroke.last = to;
    paint(canvas, drawn, SIDE * SIDE);
  });
  /** @param {PointerEvent} event */
  const lift = (event) => {
    if (stroke?.pointer !== event.pointerId) return;
    stroke = null;
    changed(drawn);
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  /** @type {Record<string, [right: number, down: number]>} */
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " ") {
      if (!pen.down) begin();
      pen.down = !pen.down;
    } else if (event.key === "Delete" || event.key === "Backspace") {
      begin();
      drawn.fill(0);
      pen.down = false;
    } else if (Object.hasOwn(moves, event.key)) {
      pen.x = Math.min(SIDE - 1, Math.max(1, pen.x + moves[event.key][0]));
      pen.y = Math.min(SIDE - 1, Math.max(1, pen.y + moves[event.key][1]));
    } else return;
    event.preventDefault();
    if (pen.down) stamp(drawn, pen.x, pen.y);
    if (pen.down || !Object.hasOwn(moves, event.key)) changed(drawn);
    else show(shown);
  });
  canvas.addEventListener("blur", () => {
    pen.down = false;
    show(shown);
  });
  const again = () => show(shown);
  canvas.addEventListener("focus", again);
  // A canvas does not follow the colour of the text by itself.
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  /** @param {number[]} pixels */
  const put = (pixels) => drawn.splice(0, drawn.length, ...pixels);
  return { nodes: [canvas, seen], drawn, put, clear, show };
}
