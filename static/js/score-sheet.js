/* Scores from the keyboard: from criterion to criterion, to the part of the bid that a criterion looks
   at and back, to the next bid; and says at once where a reason will be asked for. */
"use strict";

(() => {
  const form = document.querySelector("[data-score-sheet]");
  if (!form) return;
  const lines = [...form.querySelectorAll("[data-criterion]")];
  const help = document.querySelector("[data-keys-help]");
  const pointsOf = (line) => line.querySelector("input");
  const reasonOf = (line) => line.querySelector("textarea");
  let last = null;

  // As portal/reviews/sheets/rules.py, reason_is_due; the server decides.
  function isDue(line) {
    const text = pointsOf(line).value.trim();
    const points = Number(text) * 100;
    const weight = Number(line.dataset.weight);
    return text !== "" && (points < weight * 60 || points > weight * 90);
  }

  const lacks = (line) => isDue(line) && reasonOf(line).value.trim().length < 20;

  function mark(line) {
    line.querySelector("[data-due]").hidden = !lacks(line);
  }

  const here = () => lines.findIndex((line) => line.contains(document.activeElement));

  function goTo(index) {
    const line = lines[Math.max(0, Math.min(index, lines.length - 1))];
    pointsOf(line).focus();
    pointsOf(line).select();
    line.scrollIntoView({ block: "nearest" });
  }

  function onwards(line) {
    const index = lines.indexOf(line);
    if (lacks(line)) reasonOf(line).focus();
    else if (index + 1 < lines.length) goTo(index + 1);
    else form.elements.comment.focus();
  }

  function lookOrBack() {
    const line = lines[here()];
    if (line) {
      last = document.activeElement;
      const place = document.querySelector(line.querySelector(".score-line__places a").hash);
      place.scrollIntoView();
      place.focus({ preventScroll: true });
    } else if (last) {
      last.focus();
    }
  }

  const press = (name) => document.querySelector(`[data-key="${name}"]`)?.click();
  const ACTS = {
    ArrowDown: () => goTo(here() + 1),
    ArrowUp: () => goTo(here() - 1),
    j: () => goTo(here() + 1),
    k: () => goTo(here() - 1),
    g: lookOrBack,
    n: () => press("next-bid"),
    "?": () => {
      help.open = !help.open;
      if (help.open) help.scrollIntoView({ block: "nearest" });
    },
  };
  const WITH_ALT = ["ArrowDown", "ArrowUp", "g", "n"];
  const ALONE = ["j", "k", "n", "?"];

  function actOf(event) {
    if (event.isComposing || event.metaKey) return null;
    if (event.ctrlKey) return event.key === "Enter" ? () => press("submit") : null;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.altKey) return WITH_ALT.includes(key) ? ACTS[key] : null;
    if (event.key === "Enter" && lines.some((line) => pointsOf(line) === event.target)) {
      return () => onwards(event.target.closest("[data-criterion]"));
    }
    const isTyping = event.target.matches("input, textarea, select, [contenteditable]");
    return !isTyping && ALONE.includes(key) ? ACTS[key] : null;
  }

  document.addEventListener("keydown", (event) => {
    const act = actOf(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation(); // forms.js would send the form at Enter
    act();
  }, { capture: true });
  form.addEventListener("input", () => lines.forEach(mark));
  lines.forEach(mark);
})();
