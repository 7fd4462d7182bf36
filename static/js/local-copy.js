/* Keeps what is typed in the browser until the server has it: a killed browser, a lost session or a
   lost network loses no keystroke. The words stand on the form. */
"use strict";

(() => {
  const form = document.querySelector("form[data-local-copy]");
  if (!form) return;
  const key = form.dataset.localCopy;
  const fields = [...form.elements].filter((field) => field.matches("textarea, input:not([type=hidden])"));

  const store = (act) => { try { return act(window.localStorage); } catch { return null; } };
  const said = (field) => (field.type === "radio" ? form.elements[field.name].value : field.value);
  const values = () => Object.fromEntries(fields.map((field) => [field.name, said(field)]));
  const same = (one, other) => fields.every(({ name }) => (one[name] ?? "") === (other[name] ?? ""));

  function keep() {
    store((kept) => kept.setItem(key, JSON.stringify({ seen: form.elements.seen.value, values: values() })));
  }

  const forget = () => store((kept) => kept.removeItem(key));

  // What was typed goes back into its fields. If another window saved meanwhile, the old revision goes
  // with it, so that the server shows both texts instead of overwriting one.
  function restore() {
    const kept = JSON.parse(store((all) => all.getItem(key)) || "null");
    if (!kept || form.querySelector("[aria-invalid], .score-other")) return;
    if (same(kept.values, values())) {
      forget();
      return;
    }
    fields.forEach((field) => {
      const value = kept.values[field.name];
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value ?? field.value;
    });
    form.elements.seen.value = kept.seen;
    fields[0].dispatchEvent(new Event("input", { bubbles: true }));
    form.querySelector(".saved-state").textContent = form.dataset.restored;
  }

  form.addEventListener("input", keep);
  document.addEventListener("portal:saved", forget);
  restore();
})();
