// Keying with one hand on the number pad: Enter and the arrows move between fields, one key is enough where one
// key is the whole answer. Shift and Enter is a new line in a long text. Without this script Tab moves on.
const form = document.querySelector("[data-keying]");
const fields = () => [...form.querySelectorAll("input.ds-input, textarea")];

function moveFrom(field, step) {
  const all = fields();
  const next = all[all.indexOf(field) + step];
  (next || (step > 0 ? form.querySelector("button[type=submit]") : field)).focus();
}

form.addEventListener("keydown", (event) => {
  const field = event.target;
  const isLine = field.matches("input.ds-input");
  if (!isLine && !field.matches("textarea")) return;
  if ((event.key === "Enter" && !event.shiftKey) || (isLine && event.key === "ArrowDown")) moveFrom(field, 1);
  else if (isLine && event.key === "ArrowUp") moveFrom(field, -1);
  else return;
  event.preventDefault();
});

form.addEventListener("input", (event) => {
  const field = event.target;
  if (field.matches("[data-one-key]") && field.value.length === 1) moveFrom(field, 1);
});

form.addEventListener("focusin", (event) => {
  if (event.target.matches("input.ds-input")) event.target.select();
});
