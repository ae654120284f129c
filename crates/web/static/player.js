// The player: speed, places to jump to, and the bar of chapters.
"use strict";

(() => {
  const media = document.getElementById("media");
  if (!media) return;
  for (const tools of document.querySelectorAll(".tools")) tools.hidden = false;

  const speed = document.getElementById("speed");
  speed.addEventListener("change", () => { media.playbackRate = Number(speed.value); });
  media.addEventListener("ratechange", () => { speed.value = String(media.playbackRate); });

  // Links to a second jump there, and stay links for whoever opens them elsewhere.
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("a[href^='?t=']");
    if (!link) return;
    event.preventDefault();
    const exact = link.closest("[data-at][id]");
    media.currentTime = exact ? Number(exact.dataset.at) / 1000 : Number(new URLSearchParams(link.getAttribute("href")).get("t"));
    media.play();
  });

  const bar = document.querySelector("svg.marks");
  const played = document.getElementById("played");
  if (bar && played) {
    media.addEventListener("timeupdate", () => {
      if (media.duration > 0) played.setAttribute("x", String(media.currentTime / media.duration * 1000));
    });
  }
})();
