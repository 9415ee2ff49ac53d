// A page of one question that goes on by itself (appearance «quick»), as a note before the question says.
// A press on an answer goes on, and so do the space bar and Enter; arrows only move.

const PAUSE = 350; // milliseconds, so that the choice is seen
const note = document.querySelector("[data-quick]");
const form = document.getElementById("svar");
const next = form?.querySelector(".sv-actions button[value=neste]");
const group = form?.querySelector("input[type=radio]")?.closest("fieldset");
let timer;
let isPressed = false;

function goOn() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const isChosen = group.querySelector("input:checked") && !document.querySelector("dialog[open]");
    if (isChosen) form.requestSubmit(next);
  }, PAUSE);
}

function stop() {
  clearTimeout(timer);
  isPressed = false;
}

if (note && next && group) {
  note.hidden = false;
  group.setAttribute("aria-describedby", `${group.getAttribute("aria-describedby") ?? ""} ${note.id}`.trim());
  group.addEventListener("pointerdown", () => { isPressed = true; });
  group.addEventListener("click", (event) => isPressed && event.target.matches("input[type=radio]") && goOn());
  addEventListener("keydown", stop);
  group.addEventListener("keyup", (event) => event.key === " " && event.target.matches("input[type=radio]") && goOn());
  addEventListener("pagehide", stop);
}
