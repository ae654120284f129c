// Keys of the player. Nothing happens while somebody types, least of all while an input method composes.
"use strict";

(() => {
  const media = document.getElementById("media");
  // Whose name lies over the picture, lies over it in full screen, too.
  const whole = media && document.querySelector(".watermark") ? media.closest(".screen") : media;
  const frame = document.getElementById("keys");
  const speeds = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];

  const turn = () => {
    if (media.paused) media.play().catch(() => {}); else media.pause();
  };
  const jump = (seconds) => {
    media.currentTime = Math.min(Math.max(media.currentTime + seconds, 0), media.duration || Infinity);
  };
  const faster = (steps) => {
    const at = speeds.findIndex((speed) => speed >= media.playbackRate);
    media.playbackRate = speeds[Math.min(Math.max(at + steps, 0), speeds.length - 1)];
  };
  const hit = (direction) => {
    const hits = [...document.querySelectorAll("#transcript li.hit[data-at]")];
    const now = media ? media.currentTime : 0;
    const beyond = direction > 0
      ? hits.find((line) => Number(line.dataset.at) / 1000 > now + 0.3)
      : hits.reverse().find((line) => Number(line.dataset.at) / 1000 < now - 1);
    if (beyond) {
      const panel = document.getElementById("show-said");
      if (panel) panel.checked = true;
      beyond.querySelector("a.clock").click();
    } else if (direction > 0) {
      const next = document.querySelector(".player").dataset.next;
      if (next) location.assign(next);
    }
  };

  const withMedia = {
    " ": turn,
    k: turn,
    ArrowLeft: () => jump(-5),
    ArrowRight: () => jump(5),
    j: () => jump(-10),
    l: () => jump(10),
    "[": () => faster(-1),
    "]": () => faster(1),
    m: () => { media.muted = !media.muted; },
    c: () => {
      const track = media.textTracks[0];
      if (track) track.mode = track.mode === "showing" ? "hidden" : "showing";
    },
    f: () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else if (whole.requestFullscreen) whole.requestFullscreen();
    },
  };
  const always = {
    n: () => hit(1),
    p: () => hit(-1),
    y: () => document.dispatchEvent(new Event("copy-link")),
    q: () => document.dispatchEvent(new Event("copy-quote")),
  };

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (event.isComposing || event.keyCode === 229 || isTyping || frame.open) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // The space bar presses what has the focus, and arrows choose among radio buttons.
    if (event.key === " " && event.target.closest("button, a, summary, audio, video, input")) return;
    if (event.key.startsWith("Arrow") && event.target.closest("[type=radio]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const deed = always[key] || (media && withMedia[key]);
    if (!deed) return;
    event.preventDefault();
    // Before the browser's own keys of what is played, which would jump as well.
    event.stopPropagation();
    deed();
  }, true);
  // Where the browser's own button is taken away, so that the name stays over the picture.
  const full = document.getElementById("full");
  if (full) full.addEventListener("click", withMedia.f);
})();
