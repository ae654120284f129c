// On the page of what was found, `n` and `p` go from place to place; Enter plays the one that has the focus.
"use strict";

(() => {
  // What was found has the focus, so that Enter plays it.
  const first = document.querySelector("a.place") ?? document.querySelector(".group h2 a");
  if (first) first.focus({ preventScroll: true });
  const go = (direction) => {
    const places = [...document.querySelectorAll("a.place")];
    const at = places.indexOf(document.activeElement);
    const to = places[at < 0 ? (direction > 0 ? 0 : places.length - 1) : at + direction];
    if (to) {
      to.focus();
      to.scrollIntoView({ block: "center" });
    } else if (direction > 0) {
      const more = document.querySelector("a[rel=next]");
      if (more) more.focus();
    }
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) {
      if (event.key === "Escape" || event.key === "ArrowDown") {
        event.preventDefault();
        go(1);
      }
      return;
    }
    if (event.key === "n" || event.key === "ArrowDown") { event.preventDefault(); go(1); }
    if (event.key === "p" || event.key === "ArrowUp") { event.preventDefault(); go(-1); }
  });
})();
