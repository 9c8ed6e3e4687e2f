// The way of one answer, step by step: what was heard, the plan, who made it, how long each took.

import { html } from "./view.js";

const sure = (confidence) => `${Math.round(confidence * 100)} %`;

function milliseconds(ms, words) {
  const shown = ms < 10 ? ms.toFixed(1) : Math.round(ms);
  return `${shown} ${words.ms}`;
}

function Arguments({ call }) {
  const { entity_id: ids = [], ...rest } = call.arguments;
  const shown = [...[ids].flat(), ...Object.entries(rest).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)];
  return html`<code>${call.capability}</code> ${shown.map((one) => html`<code key=${one} class="argument">${one}</code> `)}`;
}

// What a Call gave back: the states it read or left behind, or else its value as it is.
function Value({ value }) {
  if (value === null || value === undefined) return null;
  const states = Object.entries(value.states ?? {});
  if (!states.length) return html`<span class="value">${typeof value === "string" ? value : JSON.stringify(value)}</span>`;
  return states.map(([id, { state }]) => html`<span class="value" key=${id}>${id} → <b>${state}</b></span>`);
}

function PlanBody({ body, words }) {
  if (body.kind === "calls") {
    return html`<ul>${body.calls.map((call) => html`<li key=${call.id}><${Arguments} call=${call} /></li>`)}</ul>`;
  }
  if (body.kind === "unknown") {
    return html`<span>${words.noPlan}: <code>${[body.gap, body.about].filter(Boolean).join(" · ")}</code></span>`;
  }
  return html`<span>${body.kind === "question" ? words.askedBack : words.wordsOnly}</span>`;
}

function stepsOf({ spoken, heard, planned, acted, replied, firstSound, silent }, words) {
  const steps = [];
  if (heard) {
    const { text, language, confidence, speaker } = heard.utterance;
    const who = speaker && speaker.score > 0 && `${speaker.name ?? words.guest} ${sure(speaker.score)}`;
    const facts = [language, spoken && `${sure(confidence)} ${words.sure}`, who].filter(Boolean).join(" · ");
    steps.push({ label: spoken ? words.heard : words.typed, ms: spoken ? heard.ms : null, body: html`“${text}” <em>${facts}</em>` });
  }
  if (planned) {
    const { stage, confidence, language, body } = planned.plan;
    const facts = `${words.stage} ${stage} · ${sure(confidence)} ${words.sure} · ${language}`;
    steps.push({ label: words.plan, ms: planned.ms, body: html`<${PlanBody} body=${body} words=${words} /> <em>${facts}</em>` });
  }
  for (const { outcome, ms } of acted) {
    const failed = outcome.kind === "failed";
    const call = planned?.plan.body.calls?.find((one) => one.id === outcome.call);
    steps.push({
      label: failed ? words.failedCall : words.act, ms, failed,
      body: html`<code>${call?.capability ?? outcome.call}</code>
        ${failed ? html`<span class="value">${outcome.message} (${outcome.reason})</span>` : html`<${Value} value=${outcome.value} />`}`,
    });
  }
  if (replied) steps.push({ label: words.reply, ms: replied.ms, body: html`<em>${replied.reply.language}</em>` });
  if (firstSound !== undefined) steps.push({ label: words.voice, ms: firstSound, body: "" });
  if (silent) steps.push({ label: words.silent, ms: null, body: html`<span>${silent}</span>` });
  return steps;
}

export function Trace({ turn, words }) {
  const steps = stepsOf(turn, words);
  const total = steps.reduce((sum, step) => sum + (step.ms ?? 0), 0);
  if (!steps.length) return null;
  return html`<details class="trace">
    <summary>${words.trace} <span>${turn.planned?.plan.stage ?? ""} · ${milliseconds(total, words)}</span></summary>
    <div class="ruler" aria-hidden="true">
      ${steps.map((step, i) => step.ms > 0 && html`<i key=${i} style=${{ flexGrow: String(Math.max(step.ms, total / 100)) }} title=${step.label}></i>`)}
    </div>
    <ol>
      ${steps.map((step, i) => html`<li key=${i} class=${step.failed ? "failed" : ""}>
        <div><b>${step.label}</b><span class="ms">${step.ms === null ? "" : milliseconds(step.ms, words)}</span></div>
        <div>${step.body}</div>
      </li>`)}
    </ol>
  </details>`;
}
