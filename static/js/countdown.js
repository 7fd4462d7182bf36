/* Lets every countdown tick, from the server's time and not from the reader's clock. */
"use strict";

(() => {
  const MINUTE = 60_000;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const loadedAt = Date.now();
  const { now, left: leftWords, over: overWords } = document.body.dataset;

  function inWords(unit, count) {
    const style = { style: "unit", unit, unitDisplay: "long" };
    const words = new Intl.NumberFormat(document.documentElement.lang, style).format(count);
    return words.replace(/(\d)([^\d\s])/, "$1 $2");
  }

  function timeLeft(left) {
    const days = Math.floor(left / DAY);
    const hours = Math.floor((left % DAY) / HOUR);
    const minutes = Math.floor((left % HOUR) / MINUTE);
    if (days) return inWords("day", days) + (hours ? ` ${inWords("hour", hours)}` : "");
    if (hours) return inWords("hour", hours) + (minutes ? ` ${inWords("minute", minutes)}` : "");
    return inWords("minute", minutes);
  }

  function show(element) {
    const serverNow = Date.parse(now) + (Date.now() - loadedAt);
    const left = Date.parse(element.dataset.countdown) - serverNow;
    const isOver = left <= 0;
    const text = isOver ? overWords : leftWords.replace("{time}", timeLeft(left));
    const words = element.querySelector(".countdown__left");
    if (words.textContent !== text) words.textContent = text;
    element.classList.toggle("countdown--over", isOver);
    element.classList.toggle("countdown--soon", !isOver && left < DAY);
  }

  setInterval(() => document.querySelectorAll("[data-countdown]").forEach(show), 10_000);
})();
