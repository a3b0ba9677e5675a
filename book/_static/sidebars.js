// The lists of chapters and of a page's sections. A narrow screen shows them over the page, in the theme's dialogs; where
// there is room they stand beside the page, and a button hides that of the chapters.
for (const [kind, name] of [["primary", "Chapters"], ["secondary", "On this page"]]) {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector(`.${kind}-toggle`));
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById(`pst-${kind}-sidebar-modal`));
  const list = document.getElementById(`pst-${kind}-sidebar`);
  if (!button || !dialog || !list) continue;
  dialog.setAttribute("aria-label", name);
  const tell = () => {
    const beside = getComputedStyle(list).position === "sticky" && !list.classList.contains("pst-sidebar-hidden");
    button.setAttribute("aria-expanded", String(dialog.open || beside));
  };
  new MutationObserver(tell).observe(list, { attributeFilter: ["class"] });
  new MutationObserver(tell).observe(dialog, { attributeFilter: ["open"] });
  addEventListener("resize", tell);
  tell();
  // A link within the page leads to what the dialog covers.
  dialog.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("a[href^='#']")) dialog.close();
  });
  // The theme takes the focus off a button that was pressed, and so forgets where to give it back.
  dialog.addEventListener("close", () => setTimeout(() => button.focus()));
  const onKeyboard = (/** @type {MouseEvent} */ { detail, target }) => {
    if (detail === 0 && target instanceof Node && button.contains(target)) {
      setTimeout(() => dialog.open || button.focus());
    }
  };
  document.addEventListener("click", onKeyboard, true);
}
