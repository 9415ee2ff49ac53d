// Saves what changes on a page: on the server within two seconds, and in the browser's own store until that is done.

import { refusal } from "./connection.js";
import { questionOf, same, show, valuesNow } from "./controls.js";
import { merged } from "./merging.js";
import { showParts } from "./parts.js";

const QUIET = 800; // milliseconds without a change before a save,
const LONGEST = 1_500; // and the longest a change waits for one
const PAUSES = [2, 4, 8, 12].map((seconds) => seconds * 1_000);

/** The answers of one page under way to the server. `status` is told what has happened. */
export class Saver {
  constructor({ form, side, connection, status, base }) {
    Object.assign(this, { form, side, connection, status, base });
    this.rev = form.elements.rev.defaultValue;
    this.store = null;
    this.round = "";
    this.ids = new Map(); // of the changes now in the store,
    this.kept = new Map(); // and what they say
    this.sent = new Map(); // sent, not yet answered
    this.unfit = new Map(); // what the server has no room for
    this.stopped = false;
    this.trouble = false;
    this.refused = null; // the word for why the server does not take what the page says
    this.failures = 0;
    this.forced = false;
    this.isFull = false; // the browser has no room for it, or does not let us
  }

  /** Whether what is not saved yet is in the browser's own store. */
  get isKept() {
    return this.store !== null && !this.isFull;
  }

  /** Names of the questions that say something else than what is stored. */
  changed(now = valuesNow(this.form)) {
    return [...now].filter(([name, values]) => this.isChanged(name, values)).map(([name]) => name);
  }

  isChanged(name, values) {
    return !same(values, this.base.get(name)) && !same(values, this.unfit.get(name));
  }

  /** Something has changed on the page. */
  touched() {
    if (this.stopped) return;
    this.keep();
    if (!this.forced && !this.changed().length) return;
    this.status.saving(this);
    if (!this.trouble || this.refused) this.plan();
  }

  plan() {
    const now = performance.now();
    this.since ??= now;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), Math.max(0, Math.min(QUIET, this.since + LONGEST - now)));
  }

  /** Keep the changes in the browser's own store until they are saved, and only those. */
  async keep() {
    if (!this.store || this.stopped) return;
    const now = valuesNow(this.form);
    const names = this.changed(now);
    const undone = [...this.ids].filter(([name]) => !names.includes(name));
    for (const [name] of undone) this.ids.delete(name);
    for (const name of names) {
      if (!this.ids.has(name) || !same(this.kept.get(name), now.get(name))) this.ids.set(name, crypto.randomUUID());
      this.kept.set(name, now.get(name));
    }
    if (!names.length && !undone.length) return;
    const fresh = names.map((name) => [name, this.item(name, now.get(name))]);
    const isWritten = await this.store.update((kept) => {
      const items = { ...without(kept, undone)?.items, ...Object.fromEntries(fresh) };
      return Object.keys(items).length ? { round: this.round, items } : null;
    });
    this.isFull = !isWritten;
    if (this.trouble && !this.stopped) this.status.waiting(this);
  }

  item(name, value) {
    return { base: this.base.get(name) ?? [], value, id: this.ids.get(name) };
  }

  /** Save now; one save at a time. Resolves when everything is saved, or cannot be for now. */
  flush(options) {
    clearTimeout(this.timer);
    this.since = undefined;
    this.running ??= this.send(options).finally(() => { this.running = undefined; });
    return this.running;
  }

  async send(options, tries = 5) {
    const now = valuesNow(this.form);
    const names = this.changed(now);
    if (this.stopped || (!names.length && !this.forced)) return this.done();
    const ids = new Map(this.ids);
    this.sent = now;
    const answer = await this.connection.save(this.side, this.fields(now), options);
    if (answer.kind === "ok") return this.arrived(answer, now, ids);
    const isForged = answer.kind === "forged"; // once more with a fresh mark of the page
    if (tries && (isForged || answer.kind === "conflict")) {
      return (await this.catchUp()) ? this.send(options, isForged ? 0 : tries - 1) : undefined;
    }
    if (refusal(answer.kind)) return this.refuse(answer.kind);
    return ["away", "conflict"].includes(answer.kind) ? this.failed() : this.stop(answer.kind);
  }

  fields(now) {
    const fields = new URLSearchParams({ csrf_token: this.form.elements.csrf_token.value, rev: this.rev, round: this.round });
    fields.set("shown", [...new Set([...(this.form.elements.shown?.value.split(" ") ?? []), ...now.keys()])].join(" ").trim());
    for (const [name, values] of now) for (const value of values) fields.append(`q-${name}`, value);
    return fields;
  }

  async arrived({ rev, unsaved, parts }, now, ids) {
    this.know(rev);
    showParts(parts);
    this.forced = false;
    for (const [name, values] of now) (unsaved.includes(name) ? this.unfit : this.base).set(name, values);
    this.sent = new Map();
    await this.store?.update((kept) => without(kept, [...ids].filter(([name]) => !unsaved.includes(name))));
    this.recovered();
    if (!this.changed().length) return this.status.saved(this);
    this.keep();
    this.plan();
  }

  done() {
    this.recovered();
    if (!this.stopped) this.status.saved(this);
  }

  /** What another window has saved meanwhile is put in; true when saving may go on. */
  async catchUp({ isQuiet = false } = {}) {
    this.toldSomething = false;
    const told = await this.connection.saved(this.side, this.rev);
    if (told.kind === "away") return isQuiet ? false : this.failed();
    if (refusal(told.kind)) return this.refuse(told.kind);
    if (told.kind !== "ok") return this.stop(told.kind);
    if (this.round !== "" && told.round !== this.round) return this.stop("answered");
    this.form.elements.csrf_token.value = told.csrf;
    if (String(told.rev) !== this.rev) this.takeIn(new Map(Object.entries(told.values)));
    showParts(told.parts);
    this.know(told.rev);
    return true;
  }

  takeIn(theirs) {
    const mine = valuesNow(this.form);
    const { taken, replaced } = merged(this.base, mine, theirs, this.sent);
    for (const name of [...replaced.keys()]) if (!questionOf(this.form, name)) replaced.delete(name); // how often a group is repeated
    const wasEmpty = theirs.size === 0;
    for (const name of mine.keys()) if (!wasEmpty || !same(this.base.get(name), mine.get(name))) this.base.set(name, theirs.get(name) ?? []);
    for (const [name, values] of taken) show(this.form, name, values);
    this.toldSomething = replaced.size > 0;
    if (taken.size || replaced.size) this.status.merged(this.form, taken, replaced);
  }

  know(rev) {
    this.rev = String(rev);
    this.form.elements.rev.value = this.rev;
  }

  /** The server does not take what the page says: told, and tried again when something changes or a button is pressed. */
  refuse(kind) {
    this.trouble = true;
    this.refused = refusal(kind);
    clearTimeout(this.timer);
    if (this.changed().length) this.status.waiting(this);
    return false;
  }

  failed() {
    this.trouble = true;
    this.refused = null;
    const pause = PAUSES[Math.min(this.failures++, PAUSES.length - 1)] * (0.8 + 0.4 * Math.random());
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause);
    this.status.waiting(this);
    return false;
  }

  recovered() {
    if (this.trouble) this.status.back(this);
    this.trouble = false;
    this.refused = null;
    this.failures = 0;
  }

  /** Nothing more can be saved from this window: the visit, the wave or the questionnaire is over. */
  stop(why) {
    this.stopped = true;
    clearTimeout(this.timer);
    if (why !== "gone") this.store?.remove();
    this.status.stopped(why, this);
    return false;
  }
}

/** What is kept, less the changes that have arrived. */
export function without(kept, arrived) {
  const items = { ...kept?.items };
  for (const [name, id] of arrived) if (items[name]?.id === id) delete items[name];
  return Object.keys(items).length ? { ...kept, items } : null;
}
