/* Saves a section a moment after one stops typing, with the same check for other people's changes.
   Without it the button saves. The words stand on the form. */
"use strict";

(() => {
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const PAUSE = Number(form.dataset.pause || 2500);
  const LONGEST = 4 * PAUSE; // who never stops typing is saved as well
  const AGAIN = 15_000;
  const SIGNED_OUT = 401;
  const state = form.querySelector(".saved-state");
  const seen = form.elements.seen;
  // Of this window, by page: the revision last seen, and somewhat more once words were sent in leaving.
  const LATEST = `portal:revision:${location.pathname}`;
  let timer = 0;
  let typed = 0;
  let kept = 0;
  let isSent = false;
  let since = 0;
  let wasOut = false;
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
    since = 0;
    underWay = send().catch(() => ({ status: 0 }));
    const answer = await underWay;
    underWay = null;
    settle(answer, mark);
  }

  async function send(isLeaving = false) {
    if (wasOut && !isLeaving) await renew();
    const options = { method: "POST", body: new FormData(form), redirect: "manual", keepalive: isLeaving };
    const answer = await fetch(form.dataset.autosave, options);
    if (answer.type === "opaqueredirect" || answer.status === 400) return { status: SIGNED_OUT };
    const isJson = (answer.headers.get("content-type") || "").includes("json");
    return { status: answer.status, told: isJson ? await answer.json() : {} };
  }

  // Signed in again, the page has the token of a session that is over: take the new one's.
  async function renew() {
    form.elements.csrf_token.value = (await present("csrf_token")) ?? form.elements.csrf_token.value;
  }

  // What the form would say, were the page asked for now.
  async function present(name) {
    const page = await (await fetch(location.href)).text();
    const found = new DOMParser().parseFromString(page, "text/html");
    return found.querySelector(`form[data-autosave] [name=${name}]`)?.value;
  }

  function settle({ status, told }, mark) {
    wasOut = status === SIGNED_OUT;
    if (status === 200) {
      seen.value = told.revision;
      remember(told.revision);
      kept = mark;
      say(form.dataset.saved.replace("{time}", told.at));
      if (mark === typed) form.dispatchEvent(new CustomEvent("portal:saved", { bubbles: true }));
      else later(PAUSE);
    } else if (status === 422) {
      say(form.dataset.unsaved);
    } else if (status === 409) {
      isOver = true;
      say(told.why || form.dataset.unsaved);
    } else {
      say((wasOut && form.dataset.signedOut) || form.dataset.away);
      later(AGAIN);
    }
  }

  // Back at the page, or back on the net: at once, not in a while.
  const again = () => { if (typed && state.textContent !== form.dataset.typing) later(0); };
  window.addEventListener("online", again);
  window.addEventListener("focus", () => { if (wasOut) again(); });

  function remember(revision) {
    try { window.sessionStorage.setItem(LATEST, revision); } catch { /* it keeps nothing */ }
  }

  function latest() {
    try { return Number(window.sessionStorage.getItem(LATEST)); } catch { return 0; }
  }

  // Who leaves in the middle of a word: it is sent all the same.
  window.addEventListener("pagehide", () => {
    if (isSent || isOver || typed === kept) return;
    remember(Number(seen.value) + 0.5);
    send(true).catch(() => {});
  });

  // Who comes back gets the browser's own copy, which is older than what was saved from it: ask anew.
  window.addEventListener("pageshow", (event) => {
    const [way] = performance.getEntriesByType("navigation");
    const isBack = event.persisted || way?.type === "back_forward";
    isSent = false;
    if (isBack && latest() > Number(seen.value)) catchUp();
    else remember(seen.value);
  });

  // What was sent in leaving may still be on its way; if it was refused, it stands in the fields.
  async function catchUp() {
    form.inert = true;
    for (let i = 0; i < 8; i++) {
      if (Number(await present("seen").catch(() => 0)) > Number(seen.value)) return location.reload();
      await new Promise((done) => { setTimeout(done, 300); });
    }
    form.inert = false;
    return remember(seen.value);
  }

  // What answered a sent form is asked for again by "back" and "reload", not sent again.
  if (!("onlySent" in form.dataset)) history.replaceState(history.state, "", location.href);

  form.addEventListener("input", () => {
    typed += 1;
    if (!isOver) say(form.dataset.typing);
    since ||= Date.now();
    later(Math.min(PAUSE, Math.max(0, since + LONGEST - Date.now())));
  });

  // What is being saved must be known before the button sends its own: it would collide with itself.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (form.dataset.localCopy && since) save(); // so that the copy in the browser is not left behind
    isSent = !underWay;
    if (!underWay) return;
    event.preventDefault();
    const button = event.submitter;
    underWay.then(() => setTimeout(() => form.requestSubmit(button), 0));
  }, { capture: true });
})();
