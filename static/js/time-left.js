/* Counts down in minutes and seconds, by the server's clock and not by the reader's. */
"use strict";

(() => {
  const loadedAt = performance.now();
  const startedAt = Date.parse(document.body.dataset.now);

  function show(element) {
    const present = startedAt + (performance.now() - loadedAt);
    const left = Math.round((Date.parse(element.dataset.until) - present) / 1000);
    const size = Math.abs(left);
    const seconds = String(size % 60).padStart(2, "0");
    element.textContent = `${left < 0 ? "−" : ""}${Math.floor(size / 60)}:${seconds}`;
    element.classList.toggle("hall__left--short", left >= 0 && left < 120);
    element.classList.toggle("hall__left--over", left < 0);
  }

  function tick() {
    document.querySelectorAll("[data-until]").forEach(show);
  }

  document.addEventListener("htmx:afterSwap", tick);
  document.addEventListener("DOMContentLoaded", tick);
  setInterval(tick, 500);
})();
