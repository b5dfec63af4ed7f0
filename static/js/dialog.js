// `data-dialog` on a link: its page's `data-dialog-content` opens over this one. The form in it is
// sent as on its own page. Whatever goes wrong, the link is followed instead.
{
  const TIMEOUT_MS = 8000;
  const host = document.querySelector("[data-dialog-host]");
  let opener = null;
  let asked = false;

  // XMLHttpRequest parses without running scripts and is no Trusted Types sink.
  const load = (url) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("GET", url);
      request.responseType = "document";
      request.timeout = TIMEOUT_MS;
      request.setRequestHeader("X-Fragment", "dialog");
      request.onload = () => {
        const content = request.response?.querySelector("[data-dialog-content]");
        if (request.status === 200 && request.responseURL === url && content) resolve(content);
        else reject(new Error("not a dialog"));
      };
      request.onerror = request.ontimeout = () => reject(new Error("not loaded"));
      request.send();
    });

  const show = (content, url) => {
    for (const form of content.querySelectorAll("form:not([action])")) form.action = url;
    host.replaceChildren(document.adoptNode(content));
    host.setAttribute("role", content.dataset.dialogContent === "alert" ? "alertdialog" : "dialog");
    host.setAttribute("aria-labelledby", "dialog-title");
    asked = false;
    host.showModal();
  };

  const isTyped = (field) =>
    (field.matches("textarea, [type=text], [type=date]") && field.value !== field.defaultValue);

  // Asks once, in the dialog itself; the second time it closes.
  const mayClose = () => {
    if (asked || ![...host.querySelectorAll("input, textarea")].some(isTyped)) return true;
    asked = true;
    const notice = document.createElement("p");
    notice.className = "notice flash-warning";
    notice.setAttribute("role", "alert");
    notice.textContent = "What you typed will be lost. Press Cancel or Esc again to discard it.";
    host.querySelector("form").append(notice);
    notice.scrollIntoView({ block: "nearest" });
    return false;
  };

  const refocus = () => {
    const menu = opener?.closest("[popover]");
    const button = menu && document.querySelector(`[popovertarget="${menu.id}"][data-opener]`);
    const target = button ?? (opener?.isConnected ? opener : document.querySelector("h1"));
    if (target?.localName === "h1") target.tabIndex = -1;
    target?.focus();
    host.replaceChildren();
  };

  document.addEventListener("click", (event) => {
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    const link = event.target.closest("a[data-dialog], a[data-dialog-close]");
    if (!link || !plain || !host || link.matches("[data-dialog-close]") !== host.open) return;
    event.preventDefault();
    if (host.open) return void (mayClose() && host.close());
    opener = link;
    load(link.href).then((content) => show(content, link.href), () => location.assign(link.href));
  });
  host?.addEventListener("cancel", (event) => mayClose() || event.preventDefault());
  host?.addEventListener("close", refocus);
}
