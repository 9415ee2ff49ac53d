// A page of one question that goes on by itself (appearance «quick»), as a note before the question says.
// A press on an answer goes on, by mouse, finger, voice or a screen reader, and so do the space bar and Enter; arrows only move.

const PAUSE = 350; // milliseconds, so that the choice is seen
const note = document.querySelector("[data-quick]");
const form = document.getElementById("svar");
const next = form?.querySelector(".sv-actions button[value=neste]");
const group = form?.querySelector("input[type=radio]")?.closest("fieldset");
let timer;
let isMoving = false; // an arrow is held down: the browser chooses at every step, by clicks of its own

function goOn() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const isChosen = group.querySelector("input:checked") && !document.querySelector("dialog[open]");
    if (isChosen) form.requestSubmit(next);
  }, PAUSE);
}

function stop() {
  clearTimeout(timer);
}

function onKey(event) {
  stop();
  isMoving = event.key.startsWith("Arrow");
}

function onLetGo() {
  isMoving = false;
}

if (note && next && group) {
  note.hidden = false;
  group.setAttribute("aria-describedby", `${group.getAttribute("aria-describedby") ?? ""} ${note.id}`.trim());
  group.addEventListener("click", (event) => !isMoving && event.target.matches("input[type=radio]") && goOn());
  addEventListener("keydown", onKey, true);
  for (const type of ["keyup", "pointerdown"]) addEventListener(type, onLetGo, true);
  addEventListener("blur", onLetGo); // the window's own, not that of an answer left by an arrow
  group.addEventListener("keyup", (event) => event.key === " " && event.target.matches("input[type=radio]") && goOn());
  addEventListener("pagehide", stop);
}
