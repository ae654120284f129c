// Shows what a form's fields come to while somebody writes; the server sends it as HTML, escaped as on any page.
"use strict";

for (const form of document.querySelectorAll("form[data-preview]")) {
  const place = document.getElementById(form.dataset.preview);
  let later = 0;
  let asked = 0;
  const look = async () => {
    const number = ++asked;
    const answer = await fetch(`${form.action}?${new URLSearchParams(new FormData(form))}`);
    // An answer that comes late is not of what stands there now.
    if (answer.ok && number === asked) place.innerHTML = await answer.text();
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); look(); });
  const soon = () => {
    clearTimeout(later);
    later = setTimeout(look, 200);
  };
  form.addEventListener("input", (event) => {
    if (!event.isComposing) soon();
  });
  // The last input of a composition comes before its end, and still counts as composing.
  form.addEventListener("compositionend", soon);
}
