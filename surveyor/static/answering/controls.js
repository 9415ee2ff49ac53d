// The controls of a page by question: what they say now, what they said when the page came, what to show.

const PREFIX = "q-";
const CHOICES = new Set(["radio", "checkbox"]);

/** Whether two lists of values are the same answer: as the server keeps it, without what stands around a text. */
export function same(a, b) {
  if (!a || !b) return false;
  const [one, other] = [plain(a), plain(b)];
  return one.length === other.length && one.every((value, place) => value === other[place]);
}

function plain(values) {
  const kept = values.map((value) => value.replace(/\r\n?/g, "\n").trim());
  return kept.some(Boolean) ? kept : [];
}

/** What each question's controls say now, hidden ones too: those answers are kept while somebody answers. */
export function valuesNow(form) {
  return read(form, (control) => (CHOICES.has(control.type) ? control.checked && control.value : control.value));
}

/** What each question's controls said when the page came from the server. */
export function valuesAtFirst(form) {
  return read(form, (control) => {
    if (CHOICES.has(control.type)) return control.defaultChecked && control.value;
    if (control.tagName !== "SELECT") return control.defaultValue;
    const chosen = [...control.options].find((option) => option.defaultSelected) ?? control.options[0];
    return chosen?.value;
  });
}

/** Show other values for a question, and tell the page's other scripts. */
export function show(form, name, values) {
  const controls = controlsOf(form).get(name) ?? [];
  for (const [place, control] of controls.entries()) {
    if (CHOICES.has(control.type)) control.checked = values.includes(control.value);
    else if (control.tagName === "SELECT") {
      control.value = [...control.options].map((option) => option.value).find((v) => v && values.includes(v)) ?? "";
    } else control.value = values[place] ?? "";
  }
  controls[0]?.dispatchEvent(new Event("input", { bubbles: true }));
  controls[0]?.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Values as somebody reads them: the labels of choices, else what was written. */
export function inWords(form, name, values) {
  const controls = controlsOf(form).get(name) ?? [];
  const words = values.map((value) => {
    const control = controls.find((each) => CHOICES.has(each.type) && each.value === value);
    return control?.labels?.[0]?.textContent.trim() || value;
  });
  return words.join(", ");
}

/** The question itself, in words. */
export function questionOf(form, name) {
  const control = controlsOf(form).get(name)?.[0];
  const around = control?.closest("fieldset");
  const legend = around && CHOICES.has(control.type) ? around.querySelector("legend") : control?.labels?.[0];
  const words = legend?.cloneNode(true);
  for (const beside of words?.querySelectorAll(".sv-opt-tag, .sv-num, .sv-likert__hint, .ds-validation-message") ?? []) beside.remove();
  return words?.textContent.replace(/\s+/g, " ").trim() ?? "";
}

function read(form, valueOf) {
  const found = new Map();
  for (const [name, controls] of controlsOf(form)) {
    const values = controls.filter((each) => !each.disabled).map(valueOf);
    const isChosen = controls.some((each) => CHOICES.has(each.type) || each.tagName === "SELECT");
    const said = values.filter(Boolean);
    found.set(name, isChosen ? said.sort() : said.length ? values : []); // the two numbers of a place keep theirs
  }
  return found;
}

function controlsOf(form) {
  const found = new Map();
  for (const control of form.elements) {
    if (!control.name.startsWith(PREFIX) || control.type === "file" || control.tagName === "BUTTON") continue;
    const name = control.name.slice(PREFIX.length);
    found.set(name, [...(found.get(name) ?? []), control]);
  }
  return found;
}
