// A hand on the picture that draws a curve, or puts points where it taps.

// CSS pixels that a finger may slip during a tap.
const SLIP = 6;

/**
 * @param {HTMLElement} picture
 * @param {Live.Handle} figure
 * @param {() => Live.Grip} grip
 * @param {Pick<Live.Extra, "draw" | "put">} hand
 */
export function hearHand(picture, figure, grip, { draw, put }) {
  picture.classList.add("plstm-pen");
  /** @type {Live.Place | null} */
  let last = null;
  /** @type {PointerEvent | null} */
  let down = null;
  /** @param {Live.Values | null} asked */
  const set = (asked) => { if (asked) figure.set(asked); };
  picture.addEventListener("pointerdown", (event) => {
    down = event;
    last = grip().place(event);
    if (draw && last) picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    const to = last && grip().place(event, last.panel);
    if (!draw || !last || !to) return;
    set(draw(last, to, figure.values()));
    last = to;
  });
  // Not on a click: the picture is drawn anew when the hand lets go, and what was pressed is gone.
  picture.addEventListener("pointerup", (event) => {
    const slipped = down ? Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) : Infinity;
    if (put && last && slipped <= SLIP) set(put(last, figure.values()));
    [last, down] = [null, null];
  });
  picture.addEventListener("pointercancel", () => { [last, down] = [null, null]; });
}
