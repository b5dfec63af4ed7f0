// `data-choose-all="key"` ticks every box of that name, or none; `data-chosen` says how many are.
{
  const all = document.querySelector("[data-choose-all]");
  if (all) {
    const boxes = [...document.getElementsByName(all.dataset.chooseAll)];
    const told = document.querySelector("[data-chosen]");
    const words = told.textContent;
    const tell = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && !all.checked;
      told.textContent = ticked ? `${ticked} chosen:` : words;
    };
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
    });
    document.addEventListener("change", tell);
    addEventListener("pageshow", tell);
  }
}
