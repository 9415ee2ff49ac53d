// An answer can be taken back, and «don't know» does not stand together with other answers of a question.

import { questionOf, show } from "./controls.js";

const form = document.getElementById("svar");
const word = document.querySelector("#lagring template")?.content.querySelector('[data-word="take-back"]');
const buttons = new Map(); // by question

/** The button stands beside the answer that is chosen, so that nothing moves; else below them all. */
function offerToTakeBack(group) {
  const radios = [...group.querySelectorAll("input[type=radio]")];
  const name = radios[0].name.slice(2);
  const chosen = radios.find((radio) => radio.checked);
  const button = buttons.get(name) ?? fresh(name, radios[0]);
  if (!chosen) button.remove();
  else {
    const beside = chosen.closest(".sv-opt, .sv-choice:not(.sv-oneline > *, .sv-quick *)");
    if (beside) beside.append(button);
    else group.append(button);
  }
}

function fresh(name, first) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "ds-button sv-take-back" });
  Object.assign(button.dataset, { variant: "tertiary", size: "sm" });
  const said = Object.assign(document.createElement("span"), { textContent: word.textContent });
  if (first.closest("[lang]")?.lang !== document.documentElement.lang) said.lang = document.documentElement.lang;
  const about = Object.assign(document.createElement("span"), { className: "ds-sr-only", textContent: ` – ${questionOf(form, name)}` });
  button.append(said, about);
  button.addEventListener("click", () => {
    first.focus();
    show(form, name, []);
  });
  buttons.set(name, button);
  return button;
}

/** Whoever does not know has no other answer, and whoever has one does know. */
function keepApart(box) {
  const isApart = (each) => each.closest(".sv-choice--dk") !== null;
  for (const other of form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(box.name)}"]`)) {
    if (other !== box && (isApart(box) || isApart(other))) other.checked = false;
  }
}

function isAnswer(control) {
  return control.name?.startsWith("q-");
}

function offerAll() {
  const groups = new Set([...form.querySelectorAll('input[type=radio][name^="q-"]')].map((radio) => radio.closest("fieldset")));
  for (const group of groups) if (group) offerToTakeBack(group);
}

if (form && word) {
  form.addEventListener("input", ({ target }) => isAnswer(target) && target.type === "checkbox" && target.checked && keepApart(target), true);
  if (!document.querySelector("[data-quick]")) { // where a choice goes on, «back» leads to it again
    form.addEventListener("input", ({ target }) => isAnswer(target) && target.type === "radio" && offerToTakeBack(target.closest("fieldset")));
    addEventListener("pageshow", offerAll);
    offerAll();
  }
}
