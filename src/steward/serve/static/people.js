// Who is known by voice: the list, and three sentences read aloud to be known.

import { Icon } from "./icons.js";
import { Microphone, MicrophoneError } from "./sound.js";
import { useEffect, useRef, useState } from "./vendor/hooks.module.js";
import { html } from "./view.js";

const LONGEST_MS = 55_000;

// Returns what the server says; a refusal is thrown as its words.
async function ask(method, name = "", { query = "", body } = {}) {
  const answer = await fetch(`/api/people${name && `/${encodeURIComponent(name)}`}${query}`, { method, body });
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const { error, hint } = await answer.json().catch(() => ({ error: answer.statusText, hint: "" }));
  throw Object.assign(new Error(error), { hint });
}

// Records from `begin` to `end`.
class Recording {
  async begin(onLevel) {
    this.microphone = new Microphone();
    this.pieces = [];
    this.rate = await this.microphone.start(({ pcm, level }) => {
      this.pieces.push(pcm);
      onLevel(level);
    });
  }

  async end() {
    await this.microphone.stop();
    return new Blob(this.pieces);
  }
}

function Known({ people, words, forget }) {
  if (!people.length) return html`<p class="none">${words.nobodyKnown}</p>`;
  return html`<ul>
    ${people.map(({ name, since }) => html`<li key=${name}>
      <span><b>${name}</b> <i>${words.since(since)}</i></span>
      <button class="tool" aria-label=${words.forget(name)} title=${words.forget(name)} onClick=${() => forget(name)}><${Icon} name="close" size=${18} /></button>
    </li>`)}
  </ul>`;
}

export function People({ shown, words, close }) {
  const dialog = useRef(null);
  const recording = useRef(null);
  const [people, setPeople] = useState([]);
  const [name, setName] = useState("");
  const [phase, setPhase] = useState("idle"); // or "reading", "sending"
  const [level, setLevel] = useState(0);
  const [trouble, setTrouble] = useState("");

  const tell = (error) => {
    const known = error instanceof MicrophoneError;
    setTrouble(known ? `${words[error.reason]} ${words[`${error.reason}Hint`] ?? ""}` : `${error.message}. ${error.hint ?? ""}`);
  };
  const load = () => ask("GET").then(setPeople, tell);
  useEffect(() => {
    if (!shown) return;
    setTrouble("");
    load();
    dialog.current.showModal();
  }, [shown]);

  const stop = async () => {
    const taken = recording.current;
    recording.current = null;
    clearTimeout(taken?.timer);
    return taken && { rate: taken.rate, body: await taken.end() };
  };
  const begin = async (event) => {
    event.preventDefault();
    setTrouble("");
    const taken = new Recording();
    try {
      await taken.begin(setLevel);
    } catch (error) {
      return tell(error);
    }
    recording.current = taken;
    taken.timer = setTimeout(done, LONGEST_MS);
    setPhase("reading");
  };
  const done = async () => {
    setPhase("sending");
    const { rate, body } = await stop();
    try {
      await ask("POST", name.trim(), { query: `?rate=${rate}`, body });
      setName("");
    } catch (error) {
      tell(error);
    }
    setPhase("idle");
    load();
  };
  const forget = (who) => ask("DELETE", who).catch(tell).finally(load);
  const closed = async () => {
    await stop();
    setPhase("idle");
    close();
  };

  return html`<dialog ref=${dialog} class="confirm people" aria-label=${words.people} onClose=${closed}>
    ${shown && html`
      <p>${words.people}</p>
      <${Known} people=${people} words=${words} forget=${forget} />
      ${phase === "reading"
        ? html`<ol class="read" style=${{ "--level": String(Math.min(1, level * 6)) }}>${words.readAloud.map((line) => html`<li key=${line}>${line}</li>`)}</ol>`
        : html`<form onSubmit=${begin}>
            <input type="text" value=${name} placeholder=${words.personName} aria-label=${words.personName} maxlength="40" autocomplete="off" onInput=${(event) => setName(event.target.value)} />
            <button class="strong" disabled=${!name.trim() || phase !== "idle"}>${words.learnVoice}</button>
          </form>`}
      ${trouble && html`<span class="trouble" role="alert">${trouble}</span>`}
      <small>${words.noLock}</small>
      <div>
        ${phase === "reading"
          ? html`<button class="strong" onClick=${done}>${words.haveRead}</button>`
          : html`<button class="plain" onClick=${() => dialog.current.close()}>${words.close}</button>`}
      </div>
    `}
  </dialog>`;
}
