// `data-submit="Creating…"` on a button: says so when the answer takes longer than a moment, and a
// second press does nothing.
{
  const PATIENCE_MS = 300;
  const busy = new Set();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = form.querySelector("[data-submit]");
    if (!button || event.defaultPrevented) return;
    if (busy.has(form)) return void event.preventDefault();
    busy.add(form);
    button.dataset.words ??= button.textContent;
    setTimeout(() => {
      if (!busy.has(form)) return;
      button.setAttribute("aria-disabled", "true");
      button.textContent = button.dataset.submit;
    }, PATIENCE_MS);
  });

  // Back to a page that was kept: its form works again.
  addEventListener("pageshow", () => {
    for (const form of busy) {
      const button = form.querySelector("[data-submit]");
      button.removeAttribute("aria-disabled");
      button.textContent = button.dataset.words;
    }
    busy.clear();
  });
}
