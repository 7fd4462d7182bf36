/* Small help with forms: warns before unsaved words are lost, counts characters, sends once,
   and lets Enter press the form's own button, not an "add a row" that stands before it. */
"use strict";

(() => {
  let isDirty = false;

  document.addEventListener("input", (event) => {
    if (event.target.closest("form[data-dirty]")) isDirty = true;
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

  function count(area) {
    const note = document.getElementById(`${area.id}-limit`);
    if (!note) return;
    const limit = Number(area.dataset.limit);
    const length = area.value.trim().length;
    note.textContent = `${length.toLocaleString("en-US")} / ${limit.toLocaleString("en-US")}`;
    note.classList.toggle("field__limit--over", length > limit);
  }

  if (document.querySelector("form[data-dirty] [aria-invalid]")) isDirty = true;
})();
