// Copies a link to this second, and quotations that say who said it, when and where.
"use strict";

(() => {
  const player = document.querySelector(".player");
  if (!player) return;
  const media = document.getElementById("media");
  const list = document.getElementById("transcript");

  const link = (second) => `${location.origin}${player.dataset.path}?t=${Math.floor(second)}`;

  const chosen = () => {
    const selection = getSelection();
    const isThere = [selection.anchorNode, selection.focusNode].some((end) => list && list.contains(end));
    if (isThere && !selection.isCollapsed) {
      const range = selection.getRangeAt(0);
      // By the words: a triple click ends at the beginning of the next line.
      const lines = [...list.children].filter((line) => range.intersectsNode(line.querySelector(".words")));
      if (lines.length > 0) return lines;
    }
    const current = list && list.querySelector("li[aria-current]");
    return current ? [current] : [];
  };

  const copyLink = () => copyText(link(media ? media.currentTime : 0), document.getElementById("copy-link"));

  const copyQuote = () => {
    const lines = chosen();
    if (lines.length === 0) return;
    const said = lines.map((line) => {
      const by = line.dataset.by ? `${line.dataset.by}: ` : "";
      return by + line.querySelector(".words").textContent;
    });
    const second = Number(lines[0].dataset.at || 0) / 1000;
    const clock = lines[0].querySelector(".clock");
    const title = player.querySelector("h1").textContent;
    copyText(`${said.join("\n")}\n— ${title}${clock ? ` ${clock.textContent}` : ""}\n${link(second)}`, document.getElementById("copy-quote"));
  };

  document.getElementById("copy-link").addEventListener("click", copyLink);
  document.getElementById("copy-quote").addEventListener("click", copyQuote);
  document.addEventListener("copy-link", copyLink);
  document.addEventListener("copy-quote", copyQuote);
})();
