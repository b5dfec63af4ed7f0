// `data-chooses="id"` on a field that belongs to a radio button: filling it in chooses that button.
{
  document.addEventListener("input", (event) => {
    const radio = document.getElementById(event.target.dataset?.chooses);
    if (radio && event.target.value) radio.checked = true;
  });
}
