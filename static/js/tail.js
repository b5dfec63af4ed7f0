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

  const show = (event) => {
    if (!body) {
      location.reload();
      return;
    }
    const page = new DOMParser().parseFromString(`<table>${event.data}</table>`, "text/html");
    const known = new Set([...body.rows].map(id));
    const rows = [...page.querySelectorAll("tr")].filter((row) => !known.has(id(row)));
    for (const row of rows) row.classList.add("log-new");
    body.prepend(...rows);
    while (body.rows.length > ROWS_MAX) body.lastElementChild.remove();
    fresh += rows.length;
    if (rows.length) status.textContent = `Watching. ${fresh} new since you began.`;
  };

  const start = () => {
    source = new EventSource(place.dataset.tail);
    source.addEventListener("rows", show);
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
