// `data-row-menu` on a row's last cell: gets the button that opens the list's one menu, which is fitted
// to that row first. The value says how the row's key stands: on, off or over.
{
  const menu = document.getElementById("row-menu");

  const fit = (cell) => {
    const url = cell.parentElement.querySelector("th a").getAttribute("href");
    const id = url.slice(url.lastIndexOf("/") + 1);
    for (const item of menu.querySelectorAll("[data-for]")) {
      item.hidden = !item.dataset.for.split(" ").includes(cell.dataset.rowMenu);
    }
    for (const item of menu.querySelectorAll("[data-below]")) {
      item.setAttribute(item.localName === "form" ? "action" : "href", url + item.dataset.below);
    }
    for (const item of menu.querySelectorAll("[data-like]")) item.href = item.dataset.like + id;
    menu.querySelector("[data-copy]").dataset.copy = id;
  };

  const button = (cell) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "dots";
    made.setAttribute("popovertarget", menu.id);
    const name = cell.parentElement.querySelector("th a").textContent;
    made.setAttribute("aria-label", `${menu.dataset.button} ${name}`);
    return made;
  };

  if (menu?.showPopover) {
    for (const cell of document.querySelectorAll("[data-row-menu]")) cell.append(button(cell));
  }

  // The browser opens it after this, at the button that was pressed.
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-row-menu] > button");
    if (!pressed) return;
    const last = document.querySelector("[data-opener]");
    if (last !== pressed && menu.matches(":popover-open")) menu.hidePopover();
    last?.removeAttribute("data-opener");
    pressed.dataset.opener = "";
    fit(pressed.parentElement);
  });
}
