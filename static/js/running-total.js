// Sums what is typed: every input with data-sum-group="g" into every data-sum-output="g", exact to six places.
(() => {
  const PLACES = 6;
  const SCALE = 10n ** BigInt(PLACES);

  const parse = (text) => {
    const match = /^(-?)(\d*)(?:\.(\d{0,6})0*)?$/.exec(text.replace(/[,,\s]/g, ""));
    if (!match || !(match[2] || match[3])) return 0n;
    const size = BigInt(match[2] || "0") * SCALE + BigInt((match[3] || "").padEnd(PLACES, "0"));
    return match[1] ? -size : size;
  };

  const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",");

  // Money keeps two places, like the amounts that the server shows; other numbers lose their zeros.
  const format = (value, places) => {
    let size = value < 0n ? -value : value;
    if (places !== null) {
      const step = 10n ** BigInt(PLACES - places);
      size = ((size + step / 2n) / step) * step;
    }
    const fraction = (size % SCALE).toString().padStart(PLACES, "0");
    const shown = places === null ? fraction.replace(/0+$/, "") : fraction.slice(0, places);
    return (value < 0n ? "-" : "") + grouped((size / SCALE).toString()) + (shown ? `.${shown}` : "");
  };

  const show = (output, sum) => {
    const places = output.dataset.sumPlaces ? Number(output.dataset.sumPlaces) : null;
    output.textContent = format(sum, places);
    if (output.dataset.sumExpected === undefined) return;
    const met = sum === parse(output.dataset.sumExpected);
    output.classList.toggle("running-total--met", met);
    output.classList.toggle("running-total--off", !met);
  };

  const refresh = (group) => {
    const inputs = [...document.querySelectorAll("[data-sum-group]")];
    const sum = inputs
      .filter((input) => input.dataset.sumGroup === group)
      .reduce((total, input) => total + parse(input.value), 0n);
    for (const output of document.querySelectorAll("[data-sum-output]")) {
      if (output.dataset.sumOutput === group) show(output, sum);
    }
  };

  const refreshAll = () => {
    const outputs = [...document.querySelectorAll("[data-sum-output]")];
    new Set(outputs.map((output) => output.dataset.sumOutput)).forEach(refresh);
  };

  document.addEventListener("input", (event) => {
    const group = event.target.dataset?.sumGroup;
    if (group) refresh(group);
  });
  document.addEventListener("htmx:afterSettle", refreshAll);
  refreshAll();
})();
