// Two windows have answered: question by question the newest change wins, and nothing is replaced unseen.

import { same } from "./controls.js";

/**
 * What to show and what to tell when the server holds other answers than this window last saw.
 * base: what the window last knew to be stored; mine: what it says now; theirs: what is stored;
 * sent: what this window has sent without hearing back. Each maps a question to a list of values.
 * taken: questions another window has changed and this one has not; replaced: theirs that mine overrules.
 */
export function merged(base, mine, theirs, sent = new Map()) {
  const taken = new Map();
  const replaced = new Map();
  const untouched = theirs.size === 0; // nothing of the page is stored: what it began with still stands
  for (const [name, now] of mine) {
    const before = base.get(name);
    const stored = theirs.get(name) ?? [];
    if (same(stored, now)) continue;
    if (same(before, now) || (!before && !now.length)) {
      if (!untouched) taken.set(name, stored);
    } else if (stored.length && !same(stored, before) && !same(stored, sent.get(name))) {
      replaced.set(name, stored);
    }
  }
  return { taken, replaced };
}
