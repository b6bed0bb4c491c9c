// The leader's report: categories, place and open tickets like it are proposed after a pause, never while composing.
const PAUSE = 300;
let timer = 0;
let asked = 0;

export function report() {
  const form = document.querySelector("form[data-offers]");
  if (!form) return;
  form.addEventListener("input", (event) => {
    if (!event.isComposing) later(form);
  });
  form.addEventListener("compositionstart", () => clearTimeout(timer));
  form.addEventListener("compositionend", () => later(form));
}

function later(form) {
  clearTimeout(timer);
  timer = setTimeout(() => ask(form), PAUSE);
}

async function ask(form) {
  const turn = ++asked;
  const offers = form.querySelector("#offers");
  try {
    const answer = await fetch(form.dataset.offers, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok || turn !== asked) return;
    const text = await answer.text();
    if (!text.includes("data-areas")) return; // somebody else answered
    const chosen = offers.querySelector("input[name=area]:checked")?.value;
    const focused = document.activeElement?.name === "area" ? document.activeElement.value : "";
    offers.innerHTML = text;
    for (const one of offers.querySelectorAll("input[name=area]")) {
      if (one.value === chosen) one.checked = true;
      if (one.value === focused) one.focus();
    }
  } catch {
    // no network: the form posts all the same
  }
}
