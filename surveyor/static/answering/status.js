// What the page says about saving: only what is true, in words from the page itself.

import { inWords, questionOf, show } from "./controls.js";

export class Status {
  constructor(root) {
    this.root = root;
    this.line = root.querySelector("[data-line]");
    this.spoken = root.querySelector("[role=status]"); // read aloud: the first save, and what is not as usual
    this.notices = root.querySelector("[data-notices]");
    this.words = root.querySelector("template").content;
  }

  /** The words of this name. */
  text(name) {
    return this.words.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
  }

  saving(saver) {
    if (!saver.trouble) this.say("", false);
  }

  saved(saver) {
    if (saver.unfit.size) this.say(this.text("unfit"), true);
    else this.say(this.text("saved"), false);
  }

  /** Saved in the browser only, as on the open link. */
  kept() {
    this.say(this.text("kept"), false);
  }

  waiting(saver) {
    this.notSaved(saver, saver.refused ?? (navigator.onLine ? "not-saved" : "offline"));
  }

  back() {
    this.say(this.text("saved"), false);
  }

  blocked(saver) {
    this.notSaved(saver, saver.refused ?? (navigator.onLine ? "not-on" : "offline-not-on"));
  }

  notSaved(saver, why) {
    this.say(`${this.text(why)} ${this.text(saver.isKept ? "waiting" : "waiting-here")}`, true);
  }

  stopped(why) {
    this.say(this.text(why), true);
  }

  /** Another window has answered too: what it said instead can be brought back. */
  merged(form, taken, replaced) {
    if (taken.size) this.notice(this.text("merged"));
    for (const [name, values] of replaced) {
      const said = { q: questionOf(form, name), a: inWords(form, name, values) };
      const text = this.text("replaced").replace(/\{([qa])\}/g, (_, which) => said[which]);
      this.notice(text, this.text("use"), () => show(form, name, values));
    }
  }

  /** A message that stays, with a button where there is something to do. */
  notice(text, label, act) {
    const box = this.notices.appendChild(document.createElement("div"));
    box.className = "ds-alert";
    box.dataset.color = "warning";
    box.append(Object.assign(document.createElement("p"), { className: "ds-paragraph", textContent: text }));
    this.spoken.textContent = text;
    if (!label) return;
    const button = Object.assign(document.createElement("button"), { className: "ds-button", type: "button", textContent: label });
    button.dataset.variant = "secondary";
    button.addEventListener("click", () => { act(); box.remove(); });
    box.append(button);
  }

  say(text, isTrouble) {
    const isNews = isTrouble || this.root.hasAttribute("data-trouble") || !this.spoken.textContent;
    if (text && isNews && this.spoken.textContent !== text) this.spoken.textContent = text;
    this.line.textContent = text;
    this.root.toggleAttribute("data-trouble", isTrouble);
  }
}
