/* The choice of disciplines: what is ticked stands above, and words narrow the list. Without this
   script the fields open and close, and every box is there. */
"use strict";

document.querySelectorAll("[data-picker]").forEach((picker) => {
  const groups = [...picker.querySelectorAll("details")];
  const boxes = [...picker.querySelectorAll("input[type=checkbox]")];
  const search = picker.querySelector("[data-picker-search]");
  const chosen = picker.querySelector("[data-picker-chosen]");
  search.closest("[hidden]").hidden = false;

  function show() {
    chosen.replaceChildren(...boxes.filter((box) => box.checked).map(chip));
  }

  function chip(box) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "picker__chip";
    button.textContent = `${box.parentElement.textContent.trim()} ×`;
    button.setAttribute("aria-label", `${chosen.dataset.remove} ${box.parentElement.textContent.trim()}`);
    button.addEventListener("click", () => {
      box.checked = false;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      search.focus();
    });
    item.append(button);
    return item;
  }

  function narrow() {
    const words = search.value.trim().toLowerCase().replaceAll(".", "");
    groups.forEach((group) => {
      const field = group.querySelector("summary").textContent.toLowerCase().includes(words);
      let found = field;
      group.querySelectorAll("label").forEach((label) => {
        const fits = label.textContent.toLowerCase().includes(words);
        label.hidden = Boolean(words) && !fits && !field;
        found ||= fits;
      });
      group.hidden = Boolean(words) && !found;
      group.open = words ? found : group.querySelector("input:checked") !== null;
    });
  }

  picker.addEventListener("input", (event) => {
    if (event.target === search) narrow();
    else show();
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation(); // or forms.js would send the form
  });
  show();
});
