// What was done, for whom and why: the audit log, searched.

import { useEffect, useRef, useState } from "./vendor/hooks.module.js";
import { html } from "./view.js";

const PAGE = 30;
const PAUSE_MS = 250; // between the last letter typed and the search

async function search(words, before) {
  const query = new URLSearchParams({ words, limit: String(PAGE), ...(before ? { before: String(before) } : {}) });
  const answer = await fetch(`/api/audit?${query}`);
  if (answer.ok) return answer.json();
  const { error, hint } = await answer.json().catch(() => ({ error: answer.statusText, hint: "" }));
  throw new Error(`${error}. ${hint ?? ""}`);
}

const when = (time, language) =>
  new Date(time * 1000).toLocaleString(language, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

function Act({ act, words, language }) {
  const asked = [words.doors[act.door] ?? act.door, act.speaker || act.who].filter(Boolean).join(" · ");
  const called = act.calls.map((call) => [call.capability].concat(call.arguments.entity_id ?? []).join(" ")).join(", ");
  return html`<li>
    <p><b>${act.said || called}</b><i class=${act.result}>${words.results[act.result] ?? act.result}</i></p>
    ${act.reply && html`<p class="reply">${act.reply}</p>`}
    <small>${when(act.time, language)} · ${asked}${act.said && called && ` · ${called}`} · ${act.stage}</small>
  </li>`;
}

export function History({ shown, words, language, close }) {
  const dialog = useRef(null);
  const [text, setText] = useState("");
  const [acts, setActs] = useState(null);
  const [more, setMore] = useState(false);
  const [trouble, setTrouble] = useState("");

  const load = (before) =>
    search(text.trim(), before).then(
      (found) => {
        setTrouble("");
        setMore(found.length === PAGE);
        setActs((old) => (before ? [...old, ...found] : found));
      },
      (error) => setTrouble(error.message),
    );
  useEffect(() => {
    if (shown) dialog.current.showModal();
  }, [shown]);
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(load, acts ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }, [shown, text]);

  return html`<dialog ref=${dialog} class="confirm people history" aria-label=${words.history} onClose=${close}>
    ${shown && html`
      <p>${words.history}</p>
      <form onSubmit=${(event) => event.preventDefault()}>
        <input type="search" value=${text} placeholder=${words.searchHistory} aria-label=${words.searchHistory} onInput=${(event) => setText(event.target.value)} />
      </form>
      ${trouble && html`<span class="trouble" role="alert">${trouble}</span>`}
      ${acts && !acts.length && html`<p class="none">${words.nothingDone}</p>`}
      <ul>${(acts ?? []).map((act) => html`<${Act} key=${act.id} ...${{ act, words, language }} />`)}</ul>
      <div>
        ${more && html`<button class="plain" onClick=${() => load(acts.at(-1).id)}>${words.older}</button>`}
        <button class="plain" onClick=${() => dialog.current.close()}>${words.close}</button>
      </div>
    `}
  </dialog>`;
}
