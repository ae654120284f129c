// Parts of a page that change while somebody watches: the server sends them as HTML, escaped as on any page.
for (const part of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(part.dataset.live);
  let late;
  source.onmessage = (event) => {
    clearTimeout(late);
    late = undefined;
    part.classList.remove("stale");
    part.innerHTML = event.data;
  };
  // The browser tries again by itself; what stands here after a while is not how it is.
  if (part.dataset.stale) source.onerror = () => { late ??= setTimeout(() => part.classList.add("stale"), 10_000); };
}
