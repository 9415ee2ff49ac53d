// Works out an expression as the server does: surveyor/instruments/expressions/{values,functions,dates,evaluator}.py.
// An expression is a constant (string, number, truth) or a list: ["$", name], ["-", operand],
// ["f", function, ...arguments], ["o", operator or list of operators, ...operands].

export class CannotWorkOut extends Error {}

const MAX_STEPS = 10_000, MAX_STRING = 100_000, MARK = "~";
const NUMBER = /^[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*$/;
const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T(.+))?$/;
const TIME = /^(\d\d):?(\d\d)(?::?(\d\d)(?:\.\d{1,6})?)?(Z|[+-]\d\d(?::?\d\d)?)?$/;
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;
const START = new RegExp(`^${SPACE.source}`, "u"), END = new RegExp(`${SPACE.source}$`, "u");
const MS_A_DAY = 86_400_000;

export function number(value) {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return value;
  if (NUMBER.test(value)) return value.length < 400 ? Number(value) : Infinity;
  return days(value);
}

function days(text) {
  const found = DATE.exec(text);
  if (!found) return NaN;
  const midnight = utc(Number(found[1]), Number(found[2]), Number(found[3]));
  if (midnight === null) return NaN;
  return found[4] ? instant(midnight, found[4]) : midnight / MS_A_DAY;
}

function utc(year, month, day) {
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  return year > 0 && at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? at.getTime() : null;
}

function instant(midnight, written) {
  const found = TIME.exec(written);
  if (!found || found[1] > "23" || found[2] > "59" || (found[3] ?? "00") > "59") return NaN;
  const seconds = Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3] ?? 0);
  if (!found[4]) return midnight / MS_A_DAY + seconds / 86_400;
  return inOslo(midnight + seconds * 1000 - offset(found[4]));
}

function offset(zone) {
  const digits = zone.replace(/[Z:]/g, "");
  if (!digits) return 0;
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5) || 0);
  return (digits[0] === "-" ? -minutes : minutes) * 60_000;
}

function inOslo(ms) {
  const parts = {};
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Europe/Oslo", hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", second: "numeric",
  });
  for (const part of clock.formatToParts(new Date(ms))) parts[part.type] = Number(part.value);
  return utc(parts.year, parts.month, parts.day) / MS_A_DAY
    + (parts.hour * 3600 + parts.minute * 60 + parts.second) / 86_400;
}

export function string(value) {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "true" : "false";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (Number.isInteger(value)) return BigInt(value).toString();
  return Math.abs(value) < 1 ? trimmed(fixed(value)) : precise(value);
}

const trimmed = (text) => (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text);

// Both round half to even, as Python does, where the browser would round half away.
function fixed(value) {
  return halfToEven(value.toFixed(70), value.toFixed(15), 55);
}

function precise(value) {
  const [digits, exponent] = halfToEven(value.toPrecision(70), value.toPrecision(15), 55).split("e");
  return trimmed(digits) + (exponent ? "e" + exponent : "");
}

function halfToEven(exact, rounded, n) {
  if (!exact.endsWith("5" + "0".repeat(n - 1)) || rounded.includes("e")) return rounded;
  const cut = exact.slice(0, -n);
  return Number(cut.slice(-1)) % 2 === 0 ? cut : rounded;
}

export function boolean(value) {
  if (typeof value === "string") return value !== "";
  if (typeof value === "boolean") return value;
  return value === value && value !== 0;
}

export function equal(left, right) {
  if (typeof left === "boolean" || typeof right === "boolean") return boolean(left) === boolean(right);
  if (typeof left === "number" || typeof right === "number") return number(left) === number(right);
  return left === right;
}

export const words = (text) => text.split(SPACE).filter((word) => word !== "");
const stripped = (text) => text.replace(START, "").replace(END, "");
const letters = (text) => Array.from(text);
const truncated = (x) => Math.max(-1e308, Math.min(1e308, Math.trunc(x)));

function round(value, digits = 0) {
  const places = number(digits), x = number(value);
  if (Number.isNaN(places) || !Number.isFinite(x)) return Number.isNaN(places) ? NaN : x;
  const scale = Number(`1e${Math.max(-15, Math.min(15, truncated(Math.max(-99, Math.min(99, places)))))}`);
  const scaled = x * scale;
  return Math.abs(scaled) < 2 ** 52 ? Math.floor(scaled + 0.5) / scale : x;
}

function whole(rounding) {
  return (value) => {
    const x = number(value);
    return Number.isFinite(x) ? rounding(x) : x;
  };
}

function extreme(choose) {
  return (...values) => {
    const numbers = values.map(number);
    return numbers.some(Number.isNaN) ? NaN : choose(...numbers);
  };
}

function substr(text, start, end = Infinity) {
  const all = letters(string(text));
  const place = (x) => (Number.isNaN(x) ? 0 : Math.trunc(Math.max(-all.length, Math.min(all.length, x))));
  return all.slice(place(number(start)), place(number(end))).join("");
}

function translate(text, old, fresh) {
  const into = letters(string(fresh)), replacing = new Map();
  letters(string(old)).forEach((letter, n) => {
    if (!replacing.has(letter)) replacing.set(letter, into[n] ?? "");
  });
  return letters(string(text)).map((letter) => replacing.get(letter) ?? letter).join("");
}

function selectedAt(chosen, position) {
  const codes = words(string(chosen)), x = number(position);
  return x >= 0 && x < codes.length ? codes[Math.trunc(x)] : "";
}

function before(text, mark) {
  const at = string(mark) ? string(text).indexOf(string(mark)) : -1;
  return at < 0 ? "" : string(text).slice(0, at);
}

function after(text, mark) {
  if (!string(mark)) return string(text);
  const at = string(text).indexOf(string(mark));
  return at < 0 ? "" : string(text).slice(at + string(mark).length);
}

function regex(text, pattern) {
  const whole = string(text);
  if (whole.length > 300) throw new CannotWorkOut("too long to match here");
  return new RegExp(`^(?:${pattern})$`, "u").test(whole);
}

const between = (x, least, most) => (least === -1 || x >= least) && (most === -1 || x <= most);

function weighted(least, most, ...pairs) {
  let total = 0;
  for (let n = 0; n + 1 < pairs.length; n += 2) if (boolean(pairs[n])) total += number(pairs[n + 1]);
  return between(total, number(least), number(most));
}

const pad = (n, width = 2) => String(n).padStart(width, "0");
const MONTHS = ["jan", "feb", "mar", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "des"];
const WEEKDAYS = ["søn", "man", "tir", "ons", "tor", "fre", "lør"];
const MARKS = {
  Y: (at) => pad(at.getUTCFullYear(), 4), y: (at) => pad(at.getUTCFullYear() % 100),
  m: (at) => pad(at.getUTCMonth() + 1), n: (at) => String(at.getUTCMonth() + 1), b: (at) => MONTHS[at.getUTCMonth()],
  d: (at) => pad(at.getUTCDate()), e: (at) => String(at.getUTCDate()),
  H: (at) => pad(at.getUTCHours()), h: (at) => String(at.getUTCHours()), M: (at) => pad(at.getUTCMinutes()),
  S: (at) => pad(at.getUTCSeconds()), 3: (at) => pad(at.getUTCMilliseconds(), 3),
  a: (at) => WEEKDAYS[at.getUTCDay()], W: week, "%": () => "%",
};

function moment(value) {
  const x = number(value);
  if (Number.isNaN(x) || Math.abs(x) > 3_000_000) return null;
  const at = new Date(Math.round(x * 1440 * 1000) * 60);
  return at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999 ? at : null;
}

function week(at) {
  const thursday = new Date(at.getTime() + (3 - ((at.getUTCDay() + 6) % 7)) * MS_A_DAY);
  return String(Math.floor((thursday - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / MS_A_DAY / 7) + 1);
}

const isoDate = (at) => `${pad(at.getUTCFullYear(), 4)}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`;

function asDate(value) {
  const at = moment(value);
  return at ? isoDate(at) : "";
}

function asInstant(value) {
  const at = moment(value);
  return at ? `${isoDate(at)}T${pad(at.getUTCHours())}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}` : "";
}

function shareOfDay(value) {
  const text = string(value), all = number(text.includes("T") ? text : `1970-01-01T${text}`);
  return Number.isNaN(all) ? NaN : all - Math.floor(all);
}

function writtenBy(value, pattern) {
  const at = moment(value), signs = letters(string(pattern));
  if (!at) return "";
  let found = "";
  for (let n = 0; n < signs.length; n += 1) {
    const mark = signs[n] === "%" ? MARKS[signs[(n += 1)] ?? "%"] : null;
    found += mark ? mark(at) : mark === undefined ? "%" : signs[n];
  }
  return found;
}

function power(base, exponent) {
  const x = number(base), y = number(exponent);
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  if (x === 0 && y < 0) return y === -Infinity ? Infinity : NaN;
  const found = x ** y;
  return Number.isFinite(x) && Number.isFinite(y) && Math.abs(found) === Infinity ? Infinity : found;
}

const amount = (...values) => values.filter((value) => string(value) !== "").length;
const NODE_SETS = new Set(["sum", "min", "max", "join", "concat", "count", "count-non-empty"]);
const FUNCTIONS = {
  true: () => true,
  false: () => false,
  not: (value) => !boolean(value),
  boolean,
  "boolean-from-string": (value) => ["1", "true"].includes(string(value)),
  number,
  string,
  int: whole(Math.trunc),
  round,
  floor: whole(Math.floor),
  ceiling: whole(Math.ceil),
  abs: (value) => Math.abs(number(value)),
  pow: power,
  min: extreme(Math.min),
  max: extreme(Math.max),
  sum: (...values) => values.reduce((total, value) => total + number(value), 0),
  coalesce: (...values) => values.find((value) => string(value) !== "") ?? "",
  selected: (chosen, code) => words(string(chosen)).includes(stripped(string(code))),
  "selected-at": selectedAt,
  "count-selected": (chosen) => words(string(chosen)).length,
  "count-non-empty": amount,
  count: amount,
  "string-length": (text) => letters(string(text)).length,
  "normalize-space": (text) => words(string(text)).join(" "),
  concat: (...values) => values.map(string).join(""),
  join: (separator, ...values) => values.map(string).join(string(separator)),
  substr,
  contains: (text, part) => string(text).includes(string(part)),
  "starts-with": (text, part) => string(text).startsWith(string(part)),
  "ends-with": (text, part) => string(text).endsWith(string(part)),
  regex,
  date: asDate,
  "date-time": asInstant,
  "decimal-date-time": number,
  "decimal-time": shareOfDay,
  "format-date": writtenBy,
  "format-date-time": writtenBy,
  "substring-before": before,
  "substring-after": after,
  translate,
  checklist: (least, most, ...ticks) => between(ticks.filter(boolean).length, number(least), number(most)),
  "weighted-checklist": weighted,
  pi: () => Math.PI,
  sqrt: (value) => Math.sqrt(number(value)),
  once: (value) => value,
};

const APPLY = {
  "=": equal,
  "!=": (left, right) => !equal(left, right),
  "<": (left, right) => number(left) < number(right),
  "<=": (left, right) => number(left) <= number(right),
  ">": (left, right) => number(left) > number(right),
  ">=": (left, right) => number(left) >= number(right),
  "+": (left, right) => number(left) + number(right),
  "-": (left, right) => number(left) - number(right),
  "*": (left, right) => number(left) * number(right),
  div: (left, right) => number(left) / number(right),
  mod: (left, right) => (Number.isFinite(number(left)) ? number(left) % number(right) : NaN),
};

class Run {
  constructor(values, own) {
    this.values = values;
    this.own = own;
    this.steps = 0;
  }

  spend(n) {
    this.steps += n;
    if (this.steps > MAX_STEPS) throw new CannotWorkOut("too heavy");
  }

  value(node) {
    this.spend(1);
    if (!Array.isArray(node)) return node;
    const [kind, name] = node;
    if (kind === "$") return name ? this.values.get(name) ?? "" : this.own;
    if (kind === "-") return -number(this.value(name));
    return kind === "f" ? this.call(name, node.slice(2)) : this.chain(name, node.slice(2));
  }

  call(name, nodes) {
    if (name === "if") return this.value(nodes[boolean(this.value(nodes[0])) ? 1 : 2]);
    const found = nodes.flatMap((node) => (NODE_SETS.has(name) && this.repeated(node)) || [this.value(node)]);
    this.spend(found.reduce((sum, each) => sum + (typeof each === "string" ? Math.floor(each.length / 50) : 0), 0));
    const value = FUNCTIONS[name](...found);
    if (typeof value === "string" && value.length > MAX_STRING) throw new CannotWorkOut("too long");
    return value;
  }

  // All answers to a question in a repeated group, in order; nothing for anything else.
  repeated(node) {
    if (!Array.isArray(node) || node[0] !== "$" || !node[1]) return null;
    const start = node[1] + MARK, first = node[1].replace(/(?:~1)+$/, "");
    const names = [...this.values.keys()].filter((name) => name.startsWith(start) && /\d/.test(name[start.length] ?? ""));
    if (!names.length) return null;
    if (this.values.has(first)) names.push(first);
    return names.sort(byTurn).map((name) => this.values.get(name));
  }

  chain(operator, nodes) {
    if (operator === "and" || operator === "or") {
      const stop = operator === "or";
      return nodes.some((node) => boolean(this.value(node)) === stop) ? stop : !stop;
    }
    let value = this.value(nodes[0]);
    nodes.slice(1).forEach((node, n) => {
      value = APPLY[Array.isArray(operator) ? operator[n] : operator](value, this.value(node));
    });
    return value;
  }
}

function turns(name) {
  const found = name.split(MARK).slice(1).filter((part) => /^\d+$/.test(part)).map(Number);
  return found.length ? found : [1];
}

function byTurn(one, other) {
  const a = turns(one), b = turns(other);
  for (let n = 0; n < Math.min(a.length, b.length); n += 1) if (a[n] !== b[n]) return a[n] - b[n];
  return a.length - b.length;
}

// The value for these answers (a Map by name), `own` for `.`; raises CannotWorkOut.
export function evaluate(node, values, own = "") {
  return new Run(values, own).value(node);
}

// True where the condition is, or cannot be worked out: nothing is hidden or refused by mistake.
export function holds(node, values, own = "") {
  try {
    return boolean(evaluate(node, values, own));
  } catch (error) {
    if (error instanceof CannotWorkOut) return true;
    throw error;
  }
}

// The value as an answer; empty where it cannot be worked out.
export function calculated(node, values) {
  try {
    const text = string(evaluate(node, values));
    return text === "NaN" ? "" : text;
  } catch (error) {
    if (error instanceof CannotWorkOut) return "";
    throw error;
  }
}
