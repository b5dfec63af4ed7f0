// `data-password="Label"` around a password field: adds a button that shows what was typed.
{
  for (const group of document.querySelectorAll("[data-password]")) {
    const input = group.querySelector("input");
    const button = document.createElement("button");
    const name = group.dataset.password.toLowerCase();

    const set = (shown) => {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? "Hide" : "Show";
      button.setAttribute("aria-label", `${button.textContent} ${name}`);
    };

    button.type = "button";
    button.className = "button";
    button.addEventListener("click", () => set(input.type === "password"));
    input.form?.addEventListener("submit", () => set(false));
    set(false);
    group.append(button);
  }
}
