// What left this home for an answer: to whom, how much, what it cost, and every byte of it.

import { html } from "./view.js";

const money = (sum) => (sum ? sum.toLocaleString(undefined, { maximumSignificantDigits: 2 }) : "");

// The chat in a request, or null where it is no chat: then only the bytes are shown.
function chatOf(body) {
  try {
    const { messages } = JSON.parse(body);
    return Array.isArray(messages) && messages.every((one) => typeof one.content === "string") ? messages : null;
  } catch {
    return null;
  }
}

function Request({ asked, words }) {
  const chat = chatOf(asked.body);
  const counts = asked.tokens_in ? `${asked.tokens_in} + ${asked.tokens_out} ${words.tokens}` : "";
  const facts = [asked.failure, counts, money(asked.money) && `${words.cost} ${money(asked.money)}`].filter(Boolean).join(" · ");
  return html`<li>
    <div><b>${asked.tier}</b> <span>${facts}</span></div>
    ${chat && html`<dl>${chat.map((one, i) => html`<dt key=${`r${i}`}>${words.roles[one.role] ?? one.role}</dt><dd key=${`c${i}`}>${one.content}</dd>`)}</dl>`}
    <details class="bytes"><summary>${words.everyByte} (${new TextEncoder().encode(asked.body).length})</summary><pre>${asked.body}</pre></details>
  </li>`;
}

export function Sent({ turn, words }) {
  const left = (turn.asked ?? []).filter((one) => one.body);
  if (!left.length) return null;
  return html`<details class="trace sent">
    <summary>${words.whatWasSent} <span>${left.map((one) => one.tier).join(", ")}</span></summary>
    <ul>${left.map((one, i) => html`<${Request} key=${i} asked=${one} words=${words} />`)}</ul>
  </details>`;
}
