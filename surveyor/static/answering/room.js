// How much room a text has left, told when there is little; nothing that is typed or pasted is cut off unseen.

const form = document.getElementById("svar");
const words = document.querySelector("#lagring template")?.content;
const LITTLE = 0.9; // of the room
const QUIET = 1_000; // milliseconds without a key before it is read aloud

const wordOf = (name) => words.querySelector(`[data-word="${name}"]`).textContent;
const lengthOf = (text) => [...text.trim()].length; // characters, as the server counts them

function watch(control) {
  const most = control.maxLength;
  const told = Object.assign(document.createElement("p"), { id: `${control.id}-plass`, className: "sv-room", hidden: true });
  const spoken = Object.assign(document.createElement("p"), { className: "ds-sr-only" });
  spoken.setAttribute("role", "status");
  let timer;
  control.removeAttribute("maxlength");
  control.after(told, spoken);
  control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${told.id}`.trim());

  function tell() {
    const left = most - lengthOf(control.value);
    told.hidden = left > most * (1 - LITTLE);
    told.toggleAttribute("data-over", left < 0);
    told.textContent = told.hidden ? "" : wordOf(left < 0 ? "room-over" : "room-left").replace("{n}", Math.abs(left));
    clearTimeout(timer);
    timer = setTimeout(() => { if (spoken.textContent !== told.textContent) spoken.textContent = told.textContent; }, QUIET);
  }

  control.addEventListener("input", tell);
  addEventListener("pageshow", tell);
  tell();
}

if (form && words) {
  for (const control of form.querySelectorAll("textarea[maxlength], input[maxlength]")) if (control.name.startsWith("q-")) watch(control);
}
