// Paper is light: a page in the dark theme is printed in the light one, and is dark again afterwards.
{
  const root = document.documentElement;
  let dark = false;
  const toPaper = () => {
    if (root.dataset.theme !== "dark") return;
    dark = true;
    root.dataset.theme = "light";
  };
  const toScreen = () => {
    if (dark) root.dataset.theme = "dark";
    dark = false;
  };
  // Firefox prints a copy that it makes after this event; Safari only tells of the medium.
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", toScreen);
  matchMedia("print").addEventListener("change", (event) => (event.matches ? toPaper() : toScreen()));
}
