// `data-hide-secret` on a button: blurs the secrets of the page for a shared screen.
{
  const button = document.querySelector("[data-hide-secret]");
  const page = button?.closest("[data-reveal]");

  if (page) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const hidden = page.classList.toggle("secret-hidden");
      button.setAttribute("aria-pressed", String(hidden));
    });
  }
}
