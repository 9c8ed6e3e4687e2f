// What the page knows, as one value, and how the server's messages change it.

import { useEffect, useState } from "./vendor/hooks.module.js";

const MOST_TURNS = 100;

let state = {
  online: null,
  floors: [],
  areas: [],
  entities: {},
  changed: {}, // entity id -> how often it has changed, for the highlight
  turns: [],
  notices: [],
};
const listeners = new Set();

export const current = () => state;

export function update(change) {
  state = { ...state, ...change(state) };
  listeners.forEach((listener) => listener(state));
}

export function useStore() {
  const [value, set] = useState(state);
  useEffect(() => {
    listeners.add(set);
    set(state);
    return () => listeners.delete(set);
  }, []);
  return value;
}

export function beginTurn(id, text, spoken) {
  const turn = { id, text, spoken, acted: [] };
  update(({ turns }) => ({ turns: [...turns, turn].slice(-MOST_TURNS) }));
}

// A spoken turn begins with its first sound, or with its words. Returns whether it is spoken.
export function hearTurn(event) {
  const known = state.turns.find((turn) => turn.id === event.turn);
  if (!known) beginTurn(event.turn, "", true);
  addToTurn(event);
  return known?.spoken ?? true;
}

// The recording has been sent: if its turn has not begun by its words, it does now.
export function sentTurn(id) {
  if (!state.turns.some((turn) => turn.id === id)) beginTurn(id, "", true);
  update(({ turns }) => ({ turns: turns.map((turn) => (turn.id === id ? { ...turn, sent: true } : turn)) }));
}

export function dropSilent(id) {
  update(({ turns }) => ({ turns: turns.filter((turn) => turn.id !== id || turn.text || turn.hearing?.text) }));
}

let lastNotice = 0;

export function notice(text, { hint = "", seconds = 8 } = {}) {
  const id = ++lastNotice;
  update(({ notices }) => ({ notices: [...notices, { id, text, hint }].slice(-3) }));
  if (seconds) setTimeout(() => dismiss(id), seconds * 1000);
}

export function dismiss(id) {
  update(({ notices }) => ({ notices: notices.filter((one) => one.id !== id) }));
}

// The server is gone: what was under way will get no answer.
export function setOnline(online) {
  update(({ turns }) => ({
    online,
    turns: online
      ? turns
      : turns.map((turn) => (turn.ended ? turn : { ...turn, ended: { how: "lost" } })),
  }));
}

export function setWorld({ floors, areas, entities }) {
  const byId = Object.fromEntries(entities.map((entity) => [entity.id, entity]));
  update(() => ({ floors, areas, entities: byId }));
}

export function setEntity(entity) {
  update(({ entities, changed }) => ({
    entities: { ...entities, [entity.id]: entity },
    changed: { ...changed, [entity.id]: (changed[entity.id] ?? 0) + 1 },
  }));
}

const HOW = {
  hearing: (turn, event) => ({ hearing: event }),
  heard: (turn, event) => ({ heard: event, text: event.utterance.text }),
  planned: (turn, event) => ({ planned: event }),
  acted: (turn, event) => ({ acted: [...turn.acted, event] }),
  asking: (turn, event) => ({ asked: [...(turn.asked ?? []), { tier: event.tier, body: event.body }] }),
  asked: (turn, event) => ({ asked: (turn.asked ?? []).map((one, i, all) => (i === all.length - 1 ? { ...one, ...event } : one)) }),
  replied: (turn, event) => ({ replied: event }),
  spoke: (turn, event) => ({ firstSound: turn.firstSound ?? event.ms }),
  silent: (turn, event) => ({ silent: event.why }),
  ended: (turn, event) => ({ ended: event }),
};

// Adds one Event to the turn that it is of.
export function addToTurn(event) {
  if (event.kind === "spoke" && current().turns.some((t) => t.id === event.turn && t.firstSound)) {
    return;
  }
  update(({ turns }) => ({
    turns: turns.map((turn) =>
      turn.id === event.turn ? { ...turn, ...HOW[event.kind]?.(turn, event) } : turn,
    ),
  }));
}

export function failTurn(id, message, hint) {
  addToTurn({ kind: "ended", turn: id, how: "failed", message, hint });
}
