// What did not go through is said beside the form, and the form stays as it was written.
let whose = null; // what is said stays until this one goes through, or the page is another: a panel beside it ends nothing

export function trouble(unavailable) {
  document.addEventListener("trouble", (event) => told(event.target, event.detail?.value, unavailable));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, elt, target } = event.detail;
    if (xhr.status < 400) return elt === whose || !whose?.isConnected || target.id === "main" ? hide() : undefined;
    if (xhr.responseText.includes('id="main"') && elt.id !== "offers") return;
    event.detail.shouldSwap = false; // not our page: a proxy's, or a panel that must not become one
    told(elt, "", unavailable);
  });
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, (event) => told(event.detail.elt, "", unavailable));
  }
}

function told(from, words, unavailable) {
  if (from?.id === "offers") return unavailable(from);
  const box = document.getElementById("trouble");
  if (!box) return;
  whose = from;
  if (words || box.hidden) box.textContent = words || box.dataset.words;
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
}

// One of the sentences of the page's box: data-words, data-beside, data-logout.
export function troubled(which) {
  told(null, document.getElementById("trouble")?.dataset[which]);
}

function hide() {
  const box = document.getElementById("trouble");
  if (box) box.hidden = true;
}
