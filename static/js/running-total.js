/* Keeps a total in sight while its parts are typed: inputs with data-sum-group, an output with data-sum-output. */
"use strict";

(() => {
  function valueOf(input) {
    const number = Number(input.value.replace(/[,\uff0c\s]/g, ""));
    return Number.isFinite(number) ? number : 0;
  }

  function show(output) {
    const group = CSS.escape(output.dataset.sumOutput);
    const inputs = [...document.querySelectorAll(`[data-sum-group="${group}"]`)];
    const sum = Math.round(inputs.reduce((total, input) => total + valueOf(input), 0) * 1e6) / 1e6;
    const places = Number(output.dataset.sumPlaces || 0);
    const style = { minimumFractionDigits: places, maximumFractionDigits: places || 6 };
    output.textContent = new Intl.NumberFormat("en-US", style).format(sum);
    if (output.dataset.sumExpected === undefined) return;
    const isRight = Math.abs(sum - Number(output.dataset.sumExpected)) < 1e-6;
    output.classList.toggle("sum--right", isRight);
    output.classList.toggle("sum--off", !isRight);
  }

  const showAll = () => document.querySelectorAll("[data-sum-output]").forEach(show);
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-sum-group]")) showAll();
  });
  showAll();
})();
