// My device: what runs on it now, and what it could carry, drawn by the server.

import { useEffect, useRef, useState } from "./vendor/hooks.module.js";
import { html } from "./view.js";

const EVERY_MS = 2000;

async function ask(path) {
  const answer = await fetch(`/api/device${path}`);
  if (answer.ok) return answer;
  const { error, hint } = await answer.json().catch(() => ({ error: answer.statusText, hint: "" }));
  throw new Error(`${error}. ${hint ?? ""}`);
}

const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 0)} GB`;
const seconds = (value) => `${value.toFixed(value < 1 ? 2 : 1)} s`;

// The report is a page of its own, and is shown where the style of this one does not reach. A style
// inside a document is forbidden here; one made by a script is not.
function Report({ text }) {
  const place = useRef(null);
  useEffect(() => {
    if (!text) return;
    const [whole, rules] = text.match(/<style>([^]*?)<\/style>/);
    const report = new DOMParser().parseFromString(text.replace(whole, ""), "text/html");
    const root = place.current.shadowRoot ?? place.current.attachShadow({ mode: "open" });
    const style = new CSSStyleSheet();
    style.replaceSync(rules);
    root.adoptedStyleSheets = [style];
    root.replaceChildren(report.querySelector("main"));
  }, [text]);
  return html`<div class="report" ref=${place} />`;
}

function Model({ model, words }) {
  const speed = [model.rate && `${model.rate.toFixed(1)} ${words.tokensASecond}`, model.first && words.firstToken(seconds(model.first))];
  const said = speed.filter(Boolean).join(" · ") || (model.loaded ? words.loaded : words.notLoaded);
  return html`<li><span><b>${model.name}</b> <i>${words.parts[model.part]}</i></span><i class="speed">${said}</i></li>`;
}

function Live({ now, words }) {
  const used = Math.round((100 * (now.memory - now.free)) / now.memory);
  return html`<div class="live" aria-live="off">
    <p>${words.busy} <b>${Math.round(100 * now.busy)}%</b> · ${words.memoryUsed} <b>${used}%</b> · Steward <b>${gigabytes(now.own)}</b></p>
    <ul>${now.models.map((model) => html`<${Model} key=${model.part} model=${model} words=${words} />`)}</ul>
  </div>`;
}

export function MyDevice({ shown, words, language, close }) {
  const dialog = useRef(null);
  const [now, setNow] = useState(null);
  const [report, setReport] = useState("");
  const [trouble, setTrouble] = useState("");
  const told = (error) => setTrouble(error.message);

  useEffect(() => {
    if (!shown) return undefined;
    dialog.current.showModal();
    const look = () => ask("").then((answer) => answer.json()).then(setNow, told);
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }, [shown]);
  useEffect(() => {
    if (!shown) return;
    setTrouble("");
    ask(`/report?language=${language}`).then((answer) => answer.text()).then(setReport, told);
  }, [shown, language]);

  return html`<dialog ref=${dialog} class="confirm people device" aria-label=${words.myDevice} onClose=${close}>
    ${shown && html`
      <header><p>${words.myDevice}</p><button class="plain" onClick=${() => dialog.current.close()}>${words.close}</button></header>
      ${trouble && html`<span class="trouble" role="alert">${trouble}</span>`}
      ${now && html`<${Live} now=${now} words=${words} />`}
      ${!report && !trouble && html`<p class="none" role="status">${words.measuring}</p>`}
      <${Report} text=${report} />
    `}
  </dialog>`;
}
