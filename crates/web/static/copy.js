// Copies texts: buttons that name what they copy, and whoever calls `copyText`.
"use strict";

const copyText = async (text, button) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No clipboard without HTTPS: a field that can be copied from.
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    if (button) button.focus();
  }
  if (!button || button.dataset.name) return;
  button.dataset.name = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => {
    button.textContent = button.dataset.name;
    delete button.dataset.name;
  }, 1500);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const copied = document.getElementById(button.dataset.copy);
  copyText(copied.value ?? copied.textContent, button);
});
