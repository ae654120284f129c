// The transcript follows what is played.
"use strict";

(() => {
  const media = document.getElementById("media");
  const list = document.getElementById("transcript");
  if (!list) return;
  const lines = [...list.querySelectorAll("li[data-at]")];
  const times = lines.map((line) => Number(line.dataset.at) / 1000);
  const follow = document.getElementById("follow");
  let now = -1;

  let isOurs = false;
  const show = (line) => {
    const top = line.offsetTop - list.clientHeight / 3;
    // Where there is nothing to scroll no end of it is told.
    isOurs = Math.abs(Math.min(Math.max(top, 0), list.scrollHeight - list.clientHeight) - list.scrollTop) > 1;
    list.scrollTo({ top, behavior: "smooth" });
  };

  const lineAt = (second) => {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] <= second + 0.05) low = middle + 1; else high = middle;
    }
    return low - 1;
  };

  const keepUp = () => {
    const at = lineAt(media.currentTime);
    if (at === now) return;
    if (now >= 0) lines[now].removeAttribute("aria-current");
    now = at;
    if (now < 0) return;
    lines[now].setAttribute("aria-current", "true");
    if (follow && follow.checked) show(lines[now]);
  };

  if (media && lines.length > 0) {
    media.addEventListener("timeupdate", keepUp);
    media.addEventListener("seeked", keepUp);
    media.addEventListener("loadedmetadata", keepUp);
    // Whoever scrolls, in whatever way, wants to read elsewhere.
    const stay = () => { if (follow) follow.checked = false; };
    for (const kind of ["wheel", "touchmove"]) list.addEventListener(kind, stay, { passive: true });
    list.addEventListener("scroll", () => { if (!isOurs) stay(); }, { passive: true });
    list.addEventListener("scrollend", () => { isOurs = false; });
    if (follow) follow.addEventListener("change", () => { if (follow.checked && now >= 0) show(lines[now]); });
  }
  // While the notes lie over it nothing has a place to scroll to.
  const panel = document.getElementById("show-said");
  if (panel) panel.addEventListener("change", () => { if (now >= 0) show(lines[now]); });
  const first = new URLSearchParams(location.search).has("t") ? null : list.querySelector("li.hit");
  if (first) show(first);
})();
