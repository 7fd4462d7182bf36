// Asks before somebody leaves a form with unsaved words (form[data-dirty]); moves to the errors after a refusal.
(() => {
  const dirty = new Set();

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.hasAttribute("data-dirty")) dirty.add(form);
  });
  document.addEventListener("submit", (event) => dirty.delete(event.target));
  window.addEventListener("beforeunload", (event) => {
    if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
  });

  // A form that came back with errors, or with a new row, holds words that are not saved yet.
  const summary = document.querySelector("[data-focus]");
  if (summary) {
    summary.focus();
    const form = summary.closest("form[data-dirty]");
    if (form) dirty.add(form);
  }
})();
