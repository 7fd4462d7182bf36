/* Keeps the sums of a budget by source, year and kind of cost in sight while its rows are typed. */
"use strict";

(() => {
  const money = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

  function amountOf(row) {
    const typed = row.querySelector('[name$="-amount"]');
    const number = Number((typed?.value || "").replace(/[,\uff0c\s]/g, ""));
    return Number.isFinite(number) ? number : 0;
  }

  function show(output, rows) {
    const { sumOf, sumValue, sumMost, sumLeast } = output.dataset;
    const own = rows.filter((row) => row.querySelector(`[name$="-${sumOf}"]`)?.value.trim() === sumValue);
    const sum = Math.round(own.reduce((total, row) => total + amountOf(row), 0) * 1e6) / 1e6;
    output.textContent = money.format(sum);
    const isOver = sumMost !== undefined && sum > Number(sumMost) + 1e-9;
    const isUnder = sumLeast !== undefined && sum < Number(sumLeast) - 1e-9;
    output.classList.toggle("sum--off", isOver || isUnder);
  }

  function showAll() {
    const rows = [...document.querySelectorAll(".rows-editor__table tbody tr")];
    document.querySelectorAll("[data-sum-of]").forEach((output) => show(output, rows));
  }

  document.addEventListener("input", showAll);
  document.addEventListener("change", showAll);
  showAll();
})();
