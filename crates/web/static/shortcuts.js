// Keys of every page: `/` goes to the search, `?` shows the list of keys. Nothing happens while somebody types, least of
// all while an input method composes.
"use strict";

(() => {
  const keys = document.getElementById("keys");
  document.addEventListener("click", (event) => {
    if (event.target.closest(".show-keys")) keys.showModal();
  });
  // An input method's Enter chooses characters and sends no form.
  document.addEventListener("keydown", (event) => {
    const isChoosing = event.key === "Enter" && (event.isComposing || event.keyCode === 229);
    if (isChoosing && event.target.closest("form input")) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || keys.open) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
    if (event.key === "?") {
      event.preventDefault();
      keys.showModal();
    } else if (event.key === "/") {
      event.preventDefault();
      const field = document.getElementById("q");
      if (field) field.select(); else location.assign(keys.dataset.search);
    }
  });
})();
