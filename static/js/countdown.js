// Keeps countdowns true while a page stays open, by the server's clock: the browser's is only used to count.
(() => {
  const MINUTE = 60_000;
  const loaded = performance.now();

  const counted = (data, name, n) => (n === 1 ? data[name] : data[`${name}s`].replace("{n}", n));

  const span = (data, left) => {
    const minutes = Math.floor(left / MINUTE);
    const days = Math.floor(minutes / 1440);
    const hours = Math.floor((minutes % 1440) / 60);
    const parts = [];
    if (days) parts.push(counted(data, "day", days));
    if (hours) parts.push(counted(data, "hour", hours));
    if (!parts.length) parts.push(counted(data, "minute", Math.max(minutes, 1)));
    return parts.join(" ");
  };

  const refresh = (element) => {
    const data = element.dataset;
    const words = element.querySelector(".countdown__words");
    if (!words) return;
    element.started ??= document.readyState === "loading" ? loaded : performance.now();
    const passed = performance.now() - element.started;
    const left = Date.parse(data.countdown) - Date.parse(data.now) - passed;
    const text = left <= 0 ? data.over : data.left.replace("{span}", span(data, left));
    if (words.textContent !== text) words.textContent = text;
    element.classList.toggle("countdown--soon", left > 0 && left < 1440 * MINUTE);
    element.classList.toggle("countdown--over", left <= 0);
  };

  const refreshAll = () => document.querySelectorAll("[data-countdown]").forEach(refresh);
  document.addEventListener("htmx:afterSettle", refreshAll);
  setInterval(refreshAll, MINUTE / 2);
  refreshAll();
})();
