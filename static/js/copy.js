// `data-copy="text"` and `data-copy-from="id"`: buttons that copy. Hidden without this script.
{
  const RESET_MS = 4000;
  const buttons = "[data-copy], [data-copy-from]";

  const say = (text) => {
    const status = document.querySelector("[data-status]");
    if (status) status.textContent = text;
  };

  const select = (element) => getSelection().selectAllChildren(element);

  const flash = (button) => {
    const words = button.querySelector("span") ?? button;
    words.dataset.words ??= words.textContent;
    words.textContent = "Copied";
    setTimeout(() => {
      words.textContent = words.dataset.words;
      say("");
    }, RESET_MS);
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copyFrom);
    try {
      await navigator.clipboard.writeText(source ? source.textContent : button.dataset.copy);
      flash(button);
      say("Copied");
      document.dispatchEvent(new CustomEvent("latchkey:copied", { detail: source }));
    } catch {
      if (source) select(source);
      say("The browser did not allow copying. The text is selected: press Ctrl+C or ⌘C.");
    }
  };

  for (const button of document.querySelectorAll(buttons)) {
    const { copyFrom } = button.dataset;
    button.hidden = Boolean(copyFrom) && !document.getElementById(copyFrom);
    if (button.autofocus) button.focus();
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest(buttons);
    if (button) copy(button);
  });
}
