// The conversation: what was said, what the butler answered, and the things it was about.

import { AnyCard } from "./house.js";
import { Reading } from "./cards.js";
import { isReading } from "./devices.js";
import { Icon } from "./icons.js";
import { Sent } from "./sent.js";
import { Trace } from "./trace.js";
import { useEffect, useRef } from "./vendor/hooks.module.js";
import { html } from "./view.js";
import { greeting, nameOf } from "./words.js";

const MOST_SHOWN = 6;

// Three things to say that this home can do.
function suggestions(entities, language, words) {
  const first = (domain) => Object.values(entities).find((entity) => entity.id.startsWith(`${domain}.`));
  const named = (domain, say) => first(domain) && say(nameOf(first(domain), language));
  return [
    named("light", words.sayLight),
    first("weather") && words.sayWeather,
    words.sayTimer,
  ].filter(Boolean);
}

function Welcome({ state, language, words, say }) {
  return html`<div class="welcome">
    <h1>${greeting(words, new Date().getHours())}<br /><span>${words.offer}</span></h1>
    <p>${words.try}</p>
    <div class="suggestions">
      ${suggestions(state.entities, language, words).map((text) => html`<button key=${text} onClick=${() => say(text)}>${text}</button>`)}
    </div>
  </div>`;
}

function Shown({ turn, state, ...shared }) {
  const found = (turn.replied?.reply.show ?? []).map((id) => state.entities[id]).filter(Boolean);
  if (!found.length) return null;
  return html`<div class="shown">
    ${found.slice(0, MOST_SHOWN).map((entity) =>
      isReading(entity)
        ? html`<${Reading} key=${entity.id} entity=${entity} changed=${state.changed[entity.id]} ...${shared} />`
        : html`<${AnyCard} key=${entity.id} entity=${entity} state=${state} ...${shared} />`,
    )}
    ${found.length > MOST_SHOWN && html`<p class="state">${moreOf(found.length - MOST_SHOWN, shared.words)}</p>`}
  </div>`;
}

// Whom he asks while nobody has answered, and who did: this device, or a machine beyond it.
function Beyond({ turn, words }) {
  const asked = turn.asked ?? [];
  const under = asked.find((one) => one.ms === undefined);
  const by = turn.planned?.plan.stage === "asking" && asked.findLast((one) => one.ms !== undefined && !one.failure);
  if (!turn.replied && !turn.ended && under) return html`<p class="hint">${words.asks(words.tiers[under.tier] ?? under.tier)}</p>`;
  return turn.replied && by ? html`<p class="hint">${words.answeredBy(words.tiers[by.tier] ?? by.tier)}</p>` : null;
}

const moreOf = (count, words) => `… ${words.tooMany} ${count}`;

function answerText(turn, words) {
  if (turn.replied) return turn.replied.reply.text;
  if (!turn.ended) return null;
  const { how, message } = turn.ended;
  return { cancelled: words.cancelled, lost: words.lost, done: "" }[how] ?? (message || words.failed);
}

// What he asks leave for, with the two answers as buttons as long as nothing else was said.
function Leave({ turn, last, words, say }) {
  const body = turn.planned?.plan.body;
  if (!last || !turn.replied || body?.kind !== "question" || !body.calls?.length) return null;
  return html`<div class="suggestions leave">
    ${[words.sayYes, words.sayNo].map((text) => html`<button key=${text} onClick=${() => say(text)}>${text}</button>`)}
  </div>`;
}

// The words so far; those that may still change are paler.
function SoFar({ hearing, words }) {
  if (!hearing?.text) return html`<i>${words.listening}</i>`;
  const { text, stable } = hearing;
  return text.startsWith(stable) ? html`${stable}<i>${text.slice(stable.length)}</i>` : html`<i>${text}</i>`;
}

function Turn({ turn, words, language, last, say, ...rest }) {
  const text = answerText(turn, words);
  const failed = turn.ended?.how === "failed" || turn.ended?.how === "lost";
  const speaking = turn.spoken && !turn.heard && !turn.ended;
  const said = speaking ? html`<${SoFar} hearing=${turn.hearing} words=${words} />` : turn.text || turn.hearing?.text || "…";
  return html`<article class="turn">
    <div class="bubble mine"><p lang=${turn.heard?.utterance.language ?? ""}>${turn.spoken && html`<${Icon} name="microphone" size=${15} />`} ${said}</p></div>
    ${(!speaking || turn.sent) && html`<div class=${`bubble his ${failed ? "failed" : ""}`}>
      ${text === null
        ? html`<p class="thinking" aria-label=${words.thinking}><i></i><i></i><i></i></p>`
        : html`<p lang=${turn.replied?.reply.language ?? language}>${text}</p>`}
      <${Beyond} turn=${turn} words=${words} />
      ${turn.ended?.hint && html`<p class="hint">${turn.ended.hint}</p>`}
      <${Leave} turn=${turn} last=${last} words=${words} say=${say} />
      <${Shown} turn=${turn} words=${words} language=${language} ...${rest} />
      <${Sent} turn=${turn} words=${words} />
      <${Trace} turn=${turn} words=${words} />
    </div>`}
  </article>`;
}

export function Talk({ state, language, words, act, say }) {
  const end = useRef(null);
  const last = state.turns.at(-1);
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [state.turns.length, last?.hearing, last?.heard, last?.replied, last?.ended]);
  return html`<div class="talk" role="log" aria-live="polite" aria-label=${words.talk}>
    ${state.turns.length === 0 && html`<${Welcome} state=${state} language=${language} words=${words} say=${say} />`}
    ${state.turns.map((turn) => html`<${Turn} key=${turn.id} turn=${turn} state=${state} language=${language} words=${words} act=${act} last=${turn === last} say=${say} />`)}
    <div ref=${end} class="end"></div>
  </div>`;
}
