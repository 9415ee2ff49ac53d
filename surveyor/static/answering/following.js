// What is asked and what counts on one page, given its answers: surveyor/instruments/routing.py for what live.py hands over.

import { boolean, calculated, CannotWorkOut, evaluate, holds, words } from "./expressions.js";

// live: { steps: [[name, show, value, under]], checks: {name: [required, constraint]}, choices: {name: [[when, codes]]} }
// answers: a Map of what is filled in on the page, by name, whether it is shown or not.
export function follow(live, answers) {
  const values = new Map([...answers].filter(([, value]) => value !== "")), hidden = new Set();
  for (const [name, show, value, under] of live.steps ?? []) {
    if (under && hidden.has(under)) continue;
    if (show !== true && !holds(show, values)) {
      hidden.add(name);
      values.delete(name);
    } else if (value !== null) {
      values.delete(name);
      const found = calculated(value, values);
      if (found) values.set(name, found);
    }
  }
  return { values, hidden };
}

// The codes that the answers leave of a question's answer options.
export function offered(groups, values) {
  return new Set(groups.filter(([when]) => when === true || holds(when, values)).flatMap(([, codes]) => codes));
}

// What is wrong with an answer: "required", "constraint", "type", "unoffered" or nothing.
export function problem(live, name, values) {
  const value = values.get(name) ?? "", [required, constraint] = live.checks?.[name] ?? [false, null];
  if (!value) return required !== false && required !== null && holds(required, values) ? "required" : "";
  if (!fits(live.types?.[name], value)) return "type";
  if (live.choices?.[name]) {
    const left = offered(live.choices[name], values);
    if (words(value).some((code) => !left.has(code))) return "unoffered";
  }
  return constraint !== null && !met(constraint, values, value) ? "constraint" : "";
}

function met(constraint, values, own) {
  try {
    return boolean(evaluate(constraint, values, own));
  } catch (error) {
    if (error instanceof CannotWorkOut) return true;
    throw error;
  }
}

function fits(type, value) {
  if (type === "integer") return value.length <= 15 && /^-?[0-9]+$/.test(value);
  if (type === "decimal" || type === "range") return value.length <= 15 && /^-?[0-9]+(?:\.[0-9]+)?$/.test(value);
  return true;
}

// What was written or chosen, in the form answers are kept in: surveyor/instruments/answers.py.
export function normal(type, written) {
  const values = written.filter((value) => value !== "");
  if (type === "select_multiple") return [...new Set(values.flatMap(words))].join(" ");
  const value = (values[0] ?? "").trim();
  if (type === "integer" || type === "decimal" || type === "range") {
    return value.replace(/\u2212/g, "-").replace(/[\u00a0\u202f ]/g, "").replace(/,/g, ".");
  }
  if (type === "date") return normalDate(value);
  if (type === "time") return normalTime(value);
  if (type === "datetime") return normalInstant(value);
  return value.replace(/\r\n/g, "\n");
}

function normalDate(value) {
  const found = /^([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})$/.exec(value);
  return found ? `${found[3]}-${found[2].padStart(2, "0")}-${found[1].padStart(2, "0")}` : value;
}

function normalTime(value) {
  const found = /^([01]?[0-9]|2[0-3])[:.]?([0-5][0-9])(?::[0-5][0-9](?:\.[0-9]+)?)?$/.exec(value);
  return found ? `${found[1].padStart(2, "0")}:${found[2]}` : value;
}

function normalInstant(value) {
  const [day, ...rest] = value.replace("T", " ").replace(" kl. ", " ").split(" ");
  const time = normalTime(rest.join(" ").trim());
  return time ? `${normalDate(day)}T${time}` : value;
}
