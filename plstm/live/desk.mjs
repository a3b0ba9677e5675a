// A square of 28 x 28 pixels to look at and to draw in: with a pointer, or with arrow keys and Space.

import { element } from "./controls.mjs";

const SIDE = 28;
const HELP = "Drawing of 28 by 28 pixels. Arrow keys move the pen, Space draws or lifts it, Delete clears.";

// Moves what is drawn so that its centre of mass is the centre of the square, as it is in the digits learned from.
export function centre(pixels) {
  const mass = pixels.reduce((sum, grey) => sum + grey, 0);
  if (mass === 0) return;
  const mean = (part) => Math.round(pixels.reduce((sum, grey, i) => sum + grey * part(i), 0) / mass);
  const down = SIDE / 2 - mean((i) => Math.floor(i / SIDE));
  const right = SIDE / 2 - mean((i) => i % SIDE);
  const before = [...pixels];
  pixels.forEach((_, i) => {
    const [row, column] = [Math.floor(i / SIDE) - down, (i % SIDE) - right];
    const inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
    pixels[i] = inside ? before[row * SIDE + column] : 0;
  });
}

// A round soft pen around (x, y), in pixels.
function stamp(pixels, x, y) {
  pixels.forEach((grey, i) => {
    const distance = Math.hypot((i % SIDE) + 0.5 - x, Math.floor(i / SIDE) + 0.5 - y);
    pixels[i] = Math.max(grey, Math.round(255 * Math.min(1, Math.max(0, 1.9 - distance))));
  });
}

// ``own`` is the array drawn into; ``changed()`` hears of every stroke.
export function drawingDesk(own, changed) {
  const canvas = element("canvas", { width: SIDE * 8, height: SIDE * 8, tabIndex: 0, role: "application", "aria-label": HELP });
  const context = canvas.getContext("2d");
  const pen = { x: 14, y: 6, down: false };
  let last = null;
  let shown = [own, 0];

  function show(pixels, step) {
    shown = [pixels, step];
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = getComputedStyle(canvas).color;
    pixels.forEach((grey, i) => {
      context.globalAlpha = (grey / 255) * (i < step ? 1 : 0.25);
      context.fillRect((i % SIDE) * 8, Math.floor(i / SIDE) * 8, 8, 8);
    });
    context.globalAlpha = 1;
    if (document.activeElement === canvas && canvas.matches(":focus-visible")) {
      context.strokeStyle = pen.down ? "#D55E00" : "#0072B2";
      context.lineWidth = 3;
      context.strokeRect(pen.x * 8 - 8, pen.y * 8 - 8, 16, 16);
    }
  }

  const settle = () => {
    centre(own);
    changed();
  };
  const clear = () => {
    own.fill(0);
    pen.down = false;
    changed();
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (shown[0] !== own) own.fill(0);
    last = place(event);
    stamp(own, ...last);
    show(own, SIDE * SIDE);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last === null) return;
    const next = place(event);
    const strides = Math.ceil(Math.hypot(next[0] - last[0], next[1] - last[1]) / 0.5);
    for (let i = 1; i <= strides; i++) {
      stamp(own, last[0] + ((next[0] - last[0]) * i) / strides, last[1] + ((next[1] - last[1]) * i) / strides);
    }
    last = next;
    show(own, SIDE * SIDE);
  });
  const lift = () => {
    if (last !== null) settle();
    last = null;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      pen.down = !pen.down;
      if (pen.down && shown[0] !== own) own.fill(0);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      own.fill(0);
      pen.down = false;
    } else if (Object.hasOwn(moves, event.key)) {
      pen.x = Math.min(SIDE - 1, Math.max(1, pen.x + moves[event.key][0]));
      pen.y = Math.min(SIDE - 1, Math.max(1, pen.y + moves[event.key][1]));
    } else return;
    event.preventDefault();
    if (pen.down) stamp(own, pen.x, pen.y);
    if (pen.down || event.key === " " || event.key === "Delete" || event.key === "Backspace") changed();
    else show(...shown);
  });
  canvas.addEventListener("blur", () => {
    if (pen.down) {
      pen.down = false;
      settle();
    } else show(...shown);
  });
  canvas.addEventListener("focus", () => show(...shown));
  return { node: canvas, clear, show };
}
