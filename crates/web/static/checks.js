// Runs one check again and shows what came of it in its place; where that fails, the whole page is asked for.
"use strict";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.run");
  if (!form) return;
  event.preventDefault();
  const row = form.closest("li");
  const button = form.querySelector("button");
  button.textContent = button.dataset.busy;
  button.disabled = true;
  row.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.fragment);
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text();
    const found = fresh.content.querySelector("li");
    row.replaceWith(found);
    found.querySelector("button").focus();
  } catch {
    form.submit();
  }
});
