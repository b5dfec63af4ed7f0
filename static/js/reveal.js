// `data-reveal="/…/keys/{id}"`: the page that shows a secret once. Reload leads to the key, leaving
// asks until the secret was copied, and nothing stays in the back/forward cache.
{
  const page = document.querySelector("[data-reveal]");
  const secrets = () => page.querySelectorAll("[data-secret]");
  let stored = false;

  const warn = (event) => {
    if (!stored) event.preventDefault();
  };

  const blank = () => {
    for (const secret of secrets()) secret.textContent = "No longer shown";
  };

  const touchesSecret = () => {
    const selection = getSelection();
    return [...secrets()].some((secret) => selection.containsNode(secret, true));
  };

  if (page) {
    history.replaceState(null, "", page.dataset.reveal);
    addEventListener("beforeunload", warn);
    addEventListener("pagehide", blank);
    addEventListener("pageshow", (event) => event.persisted && blank());
    document.addEventListener("latchkey:copied", (event) => {
      stored ||= event.detail?.matches("[data-secret]") ?? false;
    });
    document.addEventListener("copy", () => {
      stored ||= touchesSecret();
    });
    page.addEventListener("click", (event) => {
      stored ||= event.target.closest("[data-stored]") !== null;
    });
  }
}
