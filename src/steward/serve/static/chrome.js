// What is around the two panes: the top line, notices, and the question before a guarded act.

import { Icon } from "./icons.js";
import { dismiss } from "./store.js";
import { useEffect, useRef } from "./vendor/hooks.module.js";
import { html } from "./view.js";

export function Top({ state, words, pane, setPane, muted, switchVoice, switchLanguage, waits, switchWaits, showPeople, showHistory, showDevice }) {
  const tab = (id) => html`<button role="tab" aria-selected=${String(pane === id)} onClick=${() => setPane(id)}>${words[id]}</button>`;
  return html`<header class="top">
    <span class="mark"><${Icon} name="bell" size=${26} /><b>Steward</b></span>
    <div class="tabs" role="tablist">${tab("talk")}${tab("home")}</div>
    <span class="tools">
      <button class="tool" aria-pressed=${String(waits)} aria-label=${words.answerToWord} title=${waits ? words.waitsForWord : words.answerToWord} onClick=${switchWaits}>
        <${Icon} name=${waits ? "ear" : "deaf"} />
      </button>
      <button class="tool" aria-pressed=${String(!muted)} aria-label=${words.voiceOn} title=${muted ? words.voiceOff : words.voiceOn} onClick=${switchVoice}>
        <${Icon} name=${muted ? "muted" : "volume"} />
      </button>
      <button class="tool" aria-label=${words.history} title=${words.history} onClick=${showHistory}><${Icon} name="history" /></button>
      <button class="tool" aria-label=${words.myDevice} title=${words.myDevice} onClick=${showDevice}><${Icon} name="chip" /></button>
      <button class="tool" aria-label=${words.people} title=${words.people} onClick=${showPeople}><${Icon} name="person" /></button>
      <button class="tool words" aria-label=${words.languageLabel} onClick=${switchLanguage}>${words.language}</button>
    </span>
    ${state.online !== true && html`<p class=${`connection ${state.online === false ? "lost" : ""}`} role="status">
      ${state.online === null ? words.connecting : words.offline}
    </p>`}
  </header>`;
}

export function Notices({ notices, words }) {
  return html`<div class="notices" role="alert">
    ${notices.map((one) => html`<div class="notice" key=${one.id}>
      <p><b>${one.text}</b>${one.hint && html`<span>${one.hint}</span>`}</p>
      <button class="tool" aria-label=${words.dismiss} onClick=${() => dismiss(one.id)}><${Icon} name="close" size=${18} /></button>
    </div>`)}
  </div>`;
}

export function Confirm({ asked, words, close, act }) {
  const dialog = useRef(null);
  useEffect(() => {
    if (asked) dialog.current.showModal();
  }, [asked]);
  const yes = () => {
    act(asked);
    dialog.current.close();
  };
  return html`<dialog ref=${dialog} class="confirm" onClose=${close}>
    ${asked && html`
      <p>${words.confirm(asked.confirm, asked.name)}</p>
      <div>
        <button class="plain" onClick=${() => dialog.current.close()}>${words.no}</button>
        <button class="strong" onClick=${yes}>${asked.confirm}</button>
      </div>
    `}
  </dialog>`;
}
