// Parts of a page that change while somebody watches: the server sends them as HTML, escaped as on any page.
for (const part of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(part.dataset.live);
  source.onmessage = (event) => { part.innerHTML = event.data; };
}
