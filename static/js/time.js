// Keeps the words of `<time data-relative>` true while a page stays open.
{
  const units = [
    [365 * 86400, "year"],
    [30 * 86400, "month"],
    [86400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ];

  // The same words as the server's Moment::relative.
  const words = (seconds) => {
    const span = Math.abs(seconds);
    const unit = units.find(([size]) => span >= size && !(size === 30 * 86400 && span < 60 * 86400));
    if (!unit) return seconds > 0 ? "in less than a minute" : "just now";
    const count = Math.floor(span / unit[0]);
    const text = `${count} ${unit[1]}${count === 1 ? "" : "s"}`;
    return seconds > 0 ? `in ${text}` : `${text} ago`;
  };

  const refresh = () => {
    for (const time of document.querySelectorAll("time[data-relative]")) {
      time.textContent = words((Date.parse(time.dateTime) - Date.now()) / 1000);
    }
  };

  setInterval(refresh, 60000);
}
