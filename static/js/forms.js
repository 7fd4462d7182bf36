/* Small help with forms: warns before unsaved words are lost, counts characters, sends once, gives
   back what was sent after the session had ended, and lets Enter press the form's own button, not an
   "add a row" that stands before it. */
"use strict";

(() => {
  let isDirty = false;

  document.addEventListener("input", (event) => {
    if (event.target.closest("form[data-dirty]") || isProse(event.target)) isDirty = true;
    if (event.target.matches("textarea[data-limit]")) count(event.target);
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || event.isComposing || !field.matches?.("input:not([type=submit])")) return;
    if (!field.form?.querySelector("button[formnovalidate]")) return;
    const own = field.form.querySelector("button[type=submit]:not([formnovalidate])");
    if (!own) return;
    event.preventDefault();
    field.form.requestSubmit(own);
  });

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (event.target.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (!event.target.hasAttribute("hx-post")) holdBack(event.target);
    keepSent(event.target);
    isDirty = false;
  });

  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  document.addEventListener("portal:saved", () => { isDirty = false; });

  window.addEventListener("beforeunload", (event) => {
    if (isDirty) event.preventDefault();
  });

  function holdBack(form) {
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000);
  }

  // Longer words of a form that is sent; never what has to stay off the disk, like a share of a key.
  function isProse(field) {
    return field.matches("textarea:not([autocomplete=off])") && field.form?.method === "post";
  }

  // Whoever is sent to the sign-in page instead finds the words in their form afterwards.
  const KEPT = "portal:sent";

  function store(act) {
    try { return act(window.sessionStorage); } catch { return null; }
  }

  function keepSent(form) {
    const typed = [...form.elements].filter((field) => isProse(field) && field.value).map(({ name, value }) => [name, value]);
    if (typed.length) store((kept) => kept.setItem(KEPT, JSON.stringify({ page: location.pathname, typed })));
  }

  function giveBack() {
    const kept = JSON.parse(store((all) => all.getItem(KEPT)) || "null");
    if (!kept) return;
    if (document.querySelector("form[data-sign-in]")) {
      store((all) => all.setItem(KEPT, JSON.stringify({ ...kept, isOut: true })));
      return;
    }
    store((all) => all.removeItem(KEPT));
    if (!kept.isOut || kept.page !== location.pathname) return;
    kept.typed.forEach(([name, value]) => {
      const field = document.querySelector(`textarea[name="${CSS.escape(name)}"]`);
      if (!field) return;
      field.value = value;
      field.closest("details")?.setAttribute("open", "");
      isDirty = true;
    });
  }

  function count(area) {
    const note = document.getElementById(`${area.id}-limit`);
    if (!note) return;
    const limit = Number(area.dataset.limit);
    const length = area.value.trim().length;
    note.textContent = `${length.toLocaleString("en-US")} / ${limit.toLocaleString("en-US")}`;
    note.classList.toggle("field__limit--over", length > limit);
  }

  if (document.querySelector("form[data-dirty] [aria-invalid]")) isDirty = true;
  giveBack();
})();
