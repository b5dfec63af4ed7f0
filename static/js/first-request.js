// `data-first-request="url"`: asks every three seconds, for two minutes, whether the new key was
// used. 204 is "not yet"; 200 carries the sentence to show.
{
  const EVERY_MS = 3000;
  const TRIES = 40;
  const place = document.querySelector("[data-first-request]");
  const status = place?.querySelector("[role=status]");
  const notYet = status?.textContent;

  const ask = async (left) => {
    const answer = await fetch(place.dataset.firstRequest).catch(() => null);
    if (answer?.status === 200) {
      status.textContent = await answer.text();
      place.classList.add("waiting-done");
    } else if (answer?.status === 204 && left > 0) {
      setTimeout(ask, EVERY_MS, left - 1);
    } else {
      status.textContent = notYet;
    }
  };

  if (status) {
    status.textContent = "Waiting for the first request…";
    setTimeout(ask, EVERY_MS, TRIES);
  }
}
