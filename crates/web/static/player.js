// The player: speed, places to jump to, and the bar of chapters.
"use strict";

(() => {
  const media = document.getElementById("media");
  if (!media) return;

  const speed = document.getElementById("speed");
  speed.addEventListener("change", () => { media.playbackRate = Number(speed.value); });
  media.addEventListener("ratechange", () => { speed.value = String(media.playbackRate); });

  // A browser may want a click before it plays anything.
  const play = () => media.play().catch(() => {});
  const playFrom = (second) => {
    media.currentTime = second;
    play();
  };

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const line = event.target.closest("#transcript li[data-at]");
    const link = event.target.closest("a");
    // Links to a second jump there, and stay links for whoever opens them elsewhere.
    if (link && !link.matches("[href^='?t=']")) return;
    if (link) event.preventDefault();
    if (line) {
      // Who selects words wants to copy them.
      if (link || getSelection().isCollapsed) playFrom(Number(line.dataset.at) / 1000);
    } else if (link) {
      playFrom(Number(new URLSearchParams(link.getAttribute("href")).get("t")));
    }
  });

  // Whoever comes from a place that was searched for came to hear it.
  const wish = new URLSearchParams(location.search);
  if (wish.has("q") && wish.has("t")) play();

  const played = document.getElementById("played");
  if (played) {
    media.addEventListener("timeupdate", () => {
      if (media.duration > 0) played.setAttribute("x", String(media.currentTime / media.duration * 1000));
    });
  }
})();
