// Ticks all rows of a page at once.
"use strict";

(() => {
  const all = document.getElementById("tick-all");
  if (!all) return;
  const boxes = [...all.closest("table").querySelectorAll("tbody input[type=checkbox]")];
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) {
    box.addEventListener("change", () => { all.checked = boxes.every((it) => it.checked); });
  }
})();
