// `data-search-guard` on a search field: a pasted secret leaves the browser only as prefix, key id
// and last four, the way the console shows it.
{
  const SECRET = /\b([a-z0-9]{2,10}_[0-9A-Za-z]{12})_[0-9A-Za-z]{34}([0-9A-Za-z]{4})\b/g;

  document.addEventListener("submit", (event) => {
    for (const field of event.target.querySelectorAll("[data-search-guard]")) {
      field.value = field.value.replace(SECRET, "$1_••••$2");
    }
  });
}
