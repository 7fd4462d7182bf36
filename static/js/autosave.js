/* Saves a section a moment after one stops typing, with the same check for other people's changes.
   Without it the button saves. The words stand on the form. */
"use strict";

(() => {
  const PAUSE = 2500;
  const AGAIN = 15_000;
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const state = form.querySelector(".saved-state");
  const seen = form.elements.seen;
  let timer = 0;
  let typed = 0;
  let underWay = null;
  let isOver = form.querySelector(".conflict") !== null;

  const say = (text) => { state.textContent = text; };

  function later(pause) {
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(save, pause);
  }

  async function save() {
    if (underWay || isOver) return;
    const mark = typed;
    underWay = send().catch(() => ({ status: 0 }));
    const answer = await underWay;
    underWay = null;
    settle(answer, mark);
  }

  async function send() {
    const options = { method: "POST", body: new FormData(form), redirect: "error" };
    const answer = await fetch(form.dataset.autosave, options);
    const isJson = (answer.headers.get("content-type") || "").includes("json");
    return { status: answer.status, told: isJson ? await answer.json() : {} };
  }

  function settle({ status, told }, mark) {
    if (status === 200) {
      seen.value = told.revision;
      say(form.dataset.saved.replace("{time}", told.at));
      if (mark === typed) form.dispatchEvent(new CustomEvent("portal:saved", { bubbles: true }));
      else later(PAUSE);
    } else if (status === 422) {
      say(form.dataset.unsaved);
    } else if (status === 409) {
      isOver = true;
      say(told.why || form.dataset.unsaved);
    } else {
      say(form.dataset.away);
      later(AGAIN);
    }
  }

  form.addEventListener("input", () => {
    typed += 1;
    if (!isOver) say(form.dataset.typing);
    later(PAUSE);
  });

  // What is being saved must be known before the button sends its own: it would collide with itself.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!underWay) return;
    event.preventDefault();
    const button = event.submitter;
    underWay.then(() => setTimeout(() => form.requestSubmit(button), 0));
  }, { capture: true });
})();
