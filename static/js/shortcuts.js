// `data-shortcut="/"`, `"n"`, `"g k"`: the element that these keys reach. Inert in fields, in
// dialogs, and with `data-shortcuts="off"` on the body.
{
  const PAUSE_MS = 1000;
  const on = document.body.dataset.shortcuts !== "off";
  let first = "";
  let at = 0;

  const reach = (keys) => {
    const found = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(keys)}"]`)];
    return found.find((element) => element.checkVisibility());
  };

  document.addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const isPair = first && event.timeStamp - at < PAUSE_MS;
    const target = (isPair && reach(`${first} ${event.key}`)) || reach(event.key);
    first = event.key.length === 1 ? event.key : "";
    at = event.timeStamp;
    if (!target) return;
    event.preventDefault();
    first = "";
    if (target.matches("input")) target.select();
    else target.click();
  });

  for (const help of document.querySelectorAll("[data-shortcut-help]")) help.hidden = !on;
}
