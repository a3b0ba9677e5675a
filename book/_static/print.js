// Paper is light: a page in the dark theme is printed in the light one, and is dark again afterwards.
const root = document.documentElement;
let before;
const toPaper = () => {
  if (root.dataset.theme !== "dark") return;
  before = root.dataset.theme;
  root.dataset.theme = "light";
};
const toScreen = () => {
  if (before) root.dataset.theme = before;
  before = undefined;
};
// Firefox prints a copy that it makes after this event; Safari only tells of the medium.
addEventListener("beforeprint", toPaper);
addEventListener("afterprint", toScreen);
matchMedia("print").addEventListener("change", (event) => (event.matches ? toPaper() : toScreen()));
