// A browser loads no modules from a disk: a figure there stays its plain picture, and says what would move it.
if (location.protocol === "file:") {
  for (const caption of document.querySelectorAll("figure.plstm-live figcaption")) {
    caption.append(" It moves where the page comes from a server: make serve.");
  }
}
