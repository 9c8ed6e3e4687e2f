// Cards of things that are lists: what is to do, and what is to come.

import { Icon } from "./icons.js";
import { html } from "./view.js";
import { nameOf } from "./words.js";

const MOST_EVENTS = 3;
const REPEATS = { daily: 1, weekly: 7 };

export function TodoCard({ entity, language, words, changed = 0, act }) {
  const items = entity.attributes.items ?? [];
  const done = (item) => item.status === "completed";
  const sorted = [...items].sort((a, b) => done(a) - done(b));
  const flip = (item) => act({
    capability: "todo.update_item",
    arguments: { entity_id: [entity.id], item: item.summary, status: done(item) ? "needs_action" : "completed" },
  });
  return html`<article class=${`card list ${changed ? `moved-${changed % 2}` : ""}`} data-entity=${entity.id} data-state=${entity.state}>
    <header><span class="badge"><${Icon} name="todo" /></span><b>${nameOf(entity, language)}</b></header>
    <ul>
      ${sorted.map((item) => html`<li key=${item.uid ?? item.summary}>
        <label><input type="checkbox" checked=${done(item)} onChange=${() => flip(item)} /><span>${item.summary}</span></label>
      </li>`)}
    </ul>
    ${!items.some((item) => !done(item)) && html`<p class="state">${words.nothingOpen}</p>`}
  </article>`;
}

// When an event that may repeat is next, as a Date; null when it is over for good.
export function nextTime({ start, end, repeat }, now) {
  const length = new Date(end ?? start) - new Date(start);
  const next = new Date(start);
  const days = REPEATS[repeat];
  if (Number.isNaN(next.getTime())) return null;
  if (days && next.getTime() + length < now) {
    const missed = Math.floor((now - length - next) / (days * 86_400_000));
    next.setDate(next.getDate() + missed * days);
    while (next.getTime() + length < now) next.setDate(next.getDate() + days);
  }
  return next.getTime() + length < now ? null : next;
}

function comingEvents({ events, message, start_time: start }) {
  const listed = events ?? (message ? [{ summary: message, start }] : []);
  return listed
    .map((event) => ({ summary: event.summary, at: nextTime(event, Date.now()) }))
    .filter((event) => event.at)
    .sort((a, b) => a.at - b.at)
    .slice(0, MOST_EVENTS);
}

export function CalendarCard({ entity, language, words, changed = 0 }) {
  const time = new Intl.DateTimeFormat(language, { weekday: "short", hour: "2-digit", minute: "2-digit" });
  const events = comingEvents(entity.attributes);
  return html`<article class=${`card list ${changed ? `moved-${changed % 2}` : ""}`} data-entity=${entity.id} data-state=${entity.state}>
    <header><span class="badge"><${Icon} name="calendar" /></span><b>${nameOf(entity, language)}</b></header>
    <ul>
      ${events.map((event, i) => html`<li key=${i} class="event"><span>${event.summary}</span><time class="state">${time.format(event.at)}</time></li>`)}
    </ul>
    ${!events.length && html`<p class="state">${words.nothingComing}</p>`}
  </article>`;
}
