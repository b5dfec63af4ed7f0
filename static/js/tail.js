// `data-tail="url"`: new calls as they come, above those that stand there, until paused.
{
  const ROWS_MAX = 200;
  const WATCH_MS = 15 * 60 * 1000;
  const place = document.querySelector("[data-tail]");
  const button = place?.querySelector("button");
  const status = place?.querySelector("[role=status]");
  const body = document.querySelector(".log-table tbody");
  let source = null;
  let timer = 0;
  let fresh = 0;

  const id = (row) => row.querySelector("[data-column=request]").textContent;

  const stop = (words) => {
    source?.close();
    source = null;
    clearTimeout(timer);
    button.textContent = "Resume";
    status.textContent = words;
  };

  // Into a document of its own: strings are not made into elements here.
  const page = () =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("GET", place.querySelector("a").href);
      request.responseType = "document";
      request.onload = () => resolve(request.response);
      request.onerror = reject;
      request.send();
    });

  const show = async () => {
    if (!body) {
      location.reload();
      return;
    }
    const found = await page().catch(() => null);
    if (!found || !source) return;
    const known = new Set([...body.rows].map(id));
    const rows = [...found.querySelectorAll(".log-table tbody tr")];
    const added = rows.filter((row) => !known.has(id(row)));
    for (const row of added) row.classList.add("log-new");
    body.prepend(...added);
    while (body.rows.length > ROWS_MAX) body.lastElementChild.remove();
    fresh += added.length;
    if (added.length) status.textContent = `Watching. ${fresh} new since you began.`;
  };

  const start = () => {
    source = new EventSource(place.dataset.tail);
    source.addEventListener("calls", show);
    source.addEventListener("error", () => {
      // Each answer ends after a while, and the browser asks again by itself; not after a refusal.
      if (source?.readyState === EventSource.CLOSED) stop("Stopped. Reload the page to go on.");
    });
    timer = setTimeout(stop, WATCH_MS, "Paused after 15 minutes.");
    button.textContent = "Pause";
    status.textContent = "Watching. Nothing new yet.";
  };

  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => (source ? stop("Paused.") : start()));
    addEventListener("pagehide", () => source && stop("Paused."));
  }
}
