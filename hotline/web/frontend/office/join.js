// F9 and "并入这件": which open ticket is meant is shown and chosen, and asked, before anything is merged.
export function joining() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#offers [data-join]");
    const box = document.getElementById("join");
    if (!button || !box || button.dataset.asked) return;
    event.preventDefault();
    ask(box, button.value);
  });
  document.addEventListener(
    "close",
    (event) => event.target.id === "join" && event.target.returnValue === "join" && merge(event.target),
    true,
  );
  document.addEventListener("change", (event) => {
    const box = event.target.closest?.("#join");
    if (box) box.querySelector("button.primary").disabled = false;
  });
}

export function question() {
  ask(document.getElementById("join"), "");
}

export function choose(_event, number) {
  const one = document.querySelectorAll("#join input")[Number(number) - 1];
  if (!one) return;
  one.click();
  document.querySelector("#join button.primary").focus();
}

function ask(box, chosen) {
  const list = box.querySelector("[data-choices]");
  const offers = new Map(
    [...document.querySelectorAll("#offers [data-join]")].map((one) => [one.value, one.dataset.words]),
  );
  box.querySelector("[data-said]").textContent = document.getElementById("text").value.trim().slice(0, 60);
  list.replaceChildren(
    ...[...offers].map(([value, words], place) => choice(value, words, place + 1, value === chosen)),
  );
  const primary = box.querySelector("button.primary");
  primary.disabled = !chosen;
  box.returnValue = "";
  box.showModal();
  (chosen ? primary : list.querySelector("input")).focus();
}

function choice(value, words, place, on) {
  const made = document.getElementById("join-one").content.cloneNode(true);
  const field = made.querySelector("input");
  [field.value, field.checked] = [value, on];
  made.querySelector("[data-number]").textContent = value.replace("join:", "");
  made.querySelector("[data-words]").textContent = words;
  made.querySelector("kbd").textContent = place;
  return made;
}

function merge(box) {
  const value = box.querySelector("input:checked")?.value;
  const form = document.querySelector("form[data-desk]");
  if (!value || !form) return;
  const button = document.createElement("button"); // the panel may have been drawn anew meanwhile
  Object.assign(button, { name: "act", value, hidden: true });
  form.append(button);
  form.requestSubmit(button);
  button.remove();
}
