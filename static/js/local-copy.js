/* Keeps what is typed in the browser until the server has it: a killed browser, a lost session or a
   lost network loses no keystroke. The words stand on the form.
   In IndexedDB, which can say that something is on the disk: of what localStorage keeps, a browser
   that is killed loses the last seconds. */
"use strict";

(() => {
  const form = document.querySelector("form[data-local-copy]");
  if (!form) return;
  const TEXTS = "texts";
  const key = form.dataset.localCopy;
  const fields = [...form.elements].filter((field) => field.matches("textarea, input:not([type=hidden])"));

  const base = new Promise((done, failed) => {
    const asked = window.indexedDB.open("jiebang", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(TEXTS);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  base.catch(() => {}); // a browser that keeps nothing: the server alone does

  async function store(act) {
    try {
      const task = (await base).transaction(TEXTS, "readwrite", { durability: "strict" });
      const asked = act(task.objectStore(TEXTS));
      return await new Promise((done, failed) => {
        task.oncomplete = () => done(asked.result);
        task.onabort = () => failed(task.error);
      });
    } catch {
      return undefined;
    }
  }

  const said = (field) => (field.type === "radio" ? form.elements[field.name].value : field.value);
  const values = () => Object.fromEntries(fields.map((field) => [field.name, said(field)]));
  const same = (one, other) => fields.every(({ name }) => (one[name] ?? "") === (other[name] ?? ""));

  // One writing at a time; what is typed meanwhile is written after it.
  let writing = false;
  let more = false;
  async function keep() {
    more = true;
    if (writing) return;
    writing = true;
    while (more) {
      more = false;
      const copy = { seen: form.elements.seen.value, values: values() };
      await store((texts) => texts.put(copy, key));
    }
    writing = false;
  }

  const forget = () => store((texts) => texts.delete(key));

  // What was typed goes back into its fields. If another window saved meanwhile, the old revision goes
  // with it, so that the server shows both texts instead of overwriting one.
  async function restore() {
    const kept = await store((texts) => texts.get(key));
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
    fields[0].dispatchEvent(new Event("input", { bubbles: true })); // the server is to have it, too
    form.querySelector(".saved-state").textContent = form.dataset.restored;
  }

  restore().then(() => form.addEventListener("input", keep)); // not before: it would overwrite the copy
  document.addEventListener("portal:saved", forget);
})();
