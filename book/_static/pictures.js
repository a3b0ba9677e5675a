// A picture or a table that is wider than the screen says so, and can be moved with the keyboard as well.
{
  const look = () => {
    for (const frame of document.querySelectorAll(".picture, .pst-scrollable-table-container")) {
      const wide = frame.scrollWidth > frame.clientWidth + 1;
      frame.classList.toggle("is-wide", wide);
      if (wide) {
        const what = frame.classList.contains("picture") ? "picture" : "table";
        frame.setAttribute("tabindex", "0");
        frame.setAttribute("role", "group");
        frame.setAttribute("aria-label", `A ${what} wider than the screen; move it sideways`);
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) frame.removeAttribute(name);
      }
    }
  };
  addEventListener("resize", look);
  addEventListener("load", look);
  look();
}
