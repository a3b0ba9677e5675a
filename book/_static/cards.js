// A link to a term of the glossary or to an equation shows what is there, on a card beside it: where a mouse rests on the
// link, or the keyboard's focus. Escape closes it, and so does leaving it; a finger follows the link.
{
  const WAIT = 250; // milliseconds for the mouse, on its way in and out
  const EDGE = 8; // CSS pixels
  const data = document.getElementById("plstm-cards");
  /** @type {Record<string, string>} */
  const cards = data ? JSON.parse(data.textContent ?? "{}") : {};
  const card = document.createElement("div");
  card.id = "plstm-card";
  card.setAttribute("role", "tooltip");
  card.hidden = true;
  document.querySelector(".bd-article")?.append(card);
  /** @type {HTMLElement | null} */
  let shown = null;
  let waiting = 0;

  /** @param {EventTarget | null} target */
  const linkAt = (target) => {
    const link = target instanceof Element ? target.closest("a.reference.internal[href*='#']") : null;
    return link instanceof HTMLAnchorElement && Object.hasOwn(cards, link.hash.slice(1)) ? link : null;
  };

  const place = () => {
    if (!shown) return;
    const link = shown.getBoundingClientRect();
    const [wide, high] = [card.offsetWidth, card.offsetHeight];
    const right = document.documentElement.clientWidth - wide - EDGE;
    card.style.left = `${Math.max(EDGE, Math.min(link.left, right))}px`;
    card.style.top = `${link.bottom + high + EDGE > innerHeight && link.top > high + EDGE ? link.top - high : link.bottom}px`;
  };

  const hide = () => {
    clearTimeout(waiting);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    card.hidden = true;
  };

  /** @param {HTMLAnchorElement} link */
  const show = (link) => {
    clearTimeout(waiting);
    if (shown === link) return;
    hide();
    card.innerHTML = cards[link.hash.slice(1)];
    shown = link;
    link.setAttribute("aria-describedby", card.id);
    card.hidden = false;
    place();
    const mathjax = /** @type {any} */ (window).MathJax;
    mathjax?.typesetClear?.([card]);
    mathjax?.typesetPromise?.([card]).then(place);
  };

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = linkAt(event.target);
    clearTimeout(waiting);
    if (link) waiting = setTimeout(() => show(link), WAIT);
    else if (shown && !card.contains(/** @type {Node} */ (event.target))) waiting = setTimeout(hide, WAIT);
  });
  document.addEventListener("focusin", ({ target }) => {
    const link = linkAt(target);
    if (link?.matches(":focus-visible")) show(link);
    else hide();
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") hide(); });
  addEventListener("scroll", place, { passive: true });
  addEventListener("resize", place);
}
