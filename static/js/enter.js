// Enter in a field presses the form's own button, not an "add a row" button that happens to stand before it.
(() => {
  const TYPED = "input:not([type=checkbox], [type=radio], [type=file], [type=submit], [type=button])";

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches?.(TYPED)) return;
    const form = event.target.form;
    if (!form?.querySelector("[data-add-row]")) return;
    const button = form.querySelector("button[type=submit]:not([data-add-row])");
    if (!button) return;
    event.preventDefault();
    form.requestSubmit(button);
  });
})();
