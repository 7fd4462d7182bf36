/* Brings htmx once the page is seen: a slow processor needs longer for it than for the page. And what
   htmx puts in the place of something leaves the focus where it was: on the same link or button, else
   on what stands in its place. htmx itself does so for fields with an id. */
"use strict";

(() => {
  const { htmx } = document.currentScript.dataset;

  window.addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => {
    document.head.append(Object.assign(document.createElement("script"), { src: htmx }));
  })));

  const REACHED = "a[href], button, input, select, textarea, summary, [tabindex]";
  let kept = null;

  const called = (one) => one.id || one.name || one.getAttribute("href") || one.textContent.trim();
  const reached = (part) => [...part.querySelectorAll(REACHED)];

  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    const here = document.activeElement;
    if (!part.id || here === part || !part.contains(here)) return;
    kept = { part: part.id, tag: here.tagName, called: called(here), place: reached(part).indexOf(here) };
  });

  document.addEventListener("htmx:afterSettle", () => {
    const part = kept && document.getElementById(kept.part);
    if (part && document.activeElement === document.body) {
      const all = reached(part);
      const same = all.find((one) => one.tagName === kept.tag && called(one) === kept.called);
      (same || all[Math.min(kept.place, all.length - 1)])?.focus({ preventScroll: true });
    }
    kept = null;
  });
})();
