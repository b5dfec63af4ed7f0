// `data-menu` on a popover list: arrow keys, Home and End move; leaving it closes it.
{
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  const items = (menu) =>
    [...menu.querySelectorAll("a, button")].filter((item) => item.checkVisibility());

  const target = (all, key) => {
    const now = all.indexOf(document.activeElement);
    if (key === "Home" || (key === "ArrowDown" && now < 0)) return all[0];
    if (key === "End" || (key === "ArrowUp" && now < 0)) return all.at(-1);
    return key in steps ? all.at((now + steps[key]) % all.length) : null;
  };

  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("[data-menu]:popover-open");
    const next = menu && target(items(menu), event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  for (const menu of document.querySelectorAll("[data-menu]")) {
    menu.addEventListener("toggle", (event) => {
      const inside = menu.contains(document.activeElement);
      if (event.newState === "open" && !inside) items(menu)[0]?.focus();
    });
    menu.addEventListener("focusout", (event) => {
      const to = event.relatedTarget;
      if (to && !menu.contains(to) && menu.matches(":popover-open")) menu.hidePopover();
    });
    menu.addEventListener("click", (event) => {
      if (event.target.closest("[data-copy]")) menu.hidePopover();
    });
  }
}
