// The page: connects the server's messages to what is seen, and what is touched to the server.

import { Confirm, Notices, Top } from "./chrome.js";
import { Dock } from "./dock.js";
import { Face, moodOf } from "./face.js";
import { House } from "./house.js";
import { Link, newTurn } from "./link.js";
import { Listening } from "./listening.js";
import { History } from "./history.js";
import { MyDevice } from "./machine.js";
import { People } from "./people.js";
import { Speaker, unlockSound } from "./sound.js";
import * as store from "./store.js";
import { Talk } from "./talk.js";
import { useEffect, useState } from "./vendor/hooks.module.js";
import { render } from "./vendor/preact.module.js";
import { html } from "./view.js";
import { firstLanguage, keepLanguage, WORDS } from "./words.js";

const SILENT_KEY = "steward.silent";

let words = WORDS[firstLanguage()];
let setSpeaking = () => {};
let setPhase = () => {};
let setLevel = () => {};
let setWaits = () => {};
let announced = "";
let silent = localStorage.getItem(SILENT_KEY) === "1";

const speaker = new Speaker((playing) => {
  setSpeaking(playing);
  if (!playing) settle(listening.turn);
});

const MESSAGES = {
  world: ({ world }) => store.setWorld(world),
  state_changed: ({ entity }) => store.setEntity(entity),
  timer_finished: ({ name, seconds }) => store.notice(words.timerDone(name, seconds), { seconds: 0 }),
  brought: ({ question, text }) => store.notice(words.brought(question, text), { seconds: 0 }),
  tapped: ({ outcome }) => {
    if (outcome.kind === "failed") store.notice(words.tapFailed, { hint: outcome.message });
  },
  refused: ({ message, hint, turn }) => {
    if (turn && store.current().turns.some((one) => one.id === turn)) store.failTurn(turn, message, hint);
    else store.notice(message, { hint });
    if (turn !== listening.turn) return;
    listening.fail();
    setWaits(listening.waits);
  },
  woken: (event) => {
    speaker.stop();
    listening.woken(event.turn);
  },
  // What may be a voice halts him, at once.
  stirring: () => speaker.halt(),
  hearing: (event) => {
    // It is a voice; before there are words, what he was saying is over.
    store.hearTurn(event);
    listening.hearing(event.turn);
    speaker.stop();
  },
  heard: (event) => {
    const spoken = store.hearTurn(event);
    if (!spoken) return;
    speaker.expect(event.turn);
    listening.heard(event.turn);
  },
  ended: (event) => {
    // What nobody said needs no place in the talk.
    if (event.how === "cancelled") store.dropSilent(event.turn);
    store.addToTurn(event);
    settle(event.turn);
  },
  spoke: (message) => {
    if (message.turn.startsWith("announcement-") && message.turn !== announced && !silent) {
      // Nobody's turn: heard wherever replies are.
      announced = message.turn;
      speaker.expect(announced);
    }
    store.addToTurn({ kind: "spoke", turn: message.turn, ms: message.ms });
    listening.spoke(message.turn);
    speaker.play(message);
  },
};

const link = new Link(
  (message) => (MESSAGES[message.kind] ?? store.addToTurn)(message),
  (online) => {
    store.setOnline(online);
    if (online) return listening.rest();
    speaker.stop();
    listening.close();
  },
);

function say(text) {
  unlockSound();
  const turn = newTurn();
  if (!link.send({ type: "say", text, turn, aloud: !silent })) {
    store.notice(words.offline);
    return false;
  }
  speaker.expect(turn);
  store.beginTurn(turn, text, false);
  return true;
}

function tap({ capability, arguments: data }) {
  if (!link.send({ type: "tap", capability, arguments: data })) store.notice(words.offline);
}

// The turn of `id` is over for the ear, too: it has ended, and nothing of it sounds any more.
function settle(id) {
  const turn = store.current().turns.find((one) => one.id === id);
  if (!turn) return listening.over(id, false);
  if (turn.ended && !speaker.playing.size) listening.over(id, turn.planned?.plan.body.kind === "question");
}

const listening = new Listening({
  link,
  speaker,
  onChange: (phase) => setPhase(phase),
  onLevel: (level) => setLevel(level),
  onFail: (reason) => {
    store.notice(words[reason], { hint: words[`${reason}Hint`] ?? "" });
    setWaits(listening.waits);
  },
  onSent: (turn) => store.sentTurn(turn),
});

function useListening() {
  const [phase, phaseSet] = useState(null);
  const [level, levelSet] = useState(0);
  const [waits, waitsSet] = useState(false);
  setPhase = phaseSet;
  setWaits = waitsSet;
  setLevel = levelSet;
  const down = () => {
    unlockSound();
    listening.press(!silent);
  };
  const switchWaits = () => {
    unlockSound();
    listening.wait(!listening.waits, !silent);
    setWaits(listening.waits);
  };
  return { phase, level, waits, switchWaits, down, up: () => listening.release() };
}

function LastAnswer({ turns, show }) {
  const text = turns.at(-1)?.replied?.reply.text;
  return text ? html`<button class="last-answer" onClick=${show}>${text}</button>` : null;
}

function App() {
  const state = store.useStore();
  const [language, setLanguage] = useState(firstLanguage());
  const [pane, setPane] = useState("talk");
  const [speaking, speakingSet] = useState(false);
  const [muted, setMuted] = useState(silent);
  const [asked, setAsked] = useState(null);
  const [peopleShown, showPeople] = useState(false);
  const [historyShown, showHistory] = useState(false);
  const [deviceShown, showDevice] = useState(false);
  const ear = useListening();
  words = WORDS[language];
  setSpeaking = speakingSet;
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : language;
  }, [language]);
  const act = (wanted) => (wanted.confirm ? setAsked(wanted) : tap(wanted));
  const switchLanguage = () => {
    const next = language === "zh" ? "en" : "zh";
    keepLanguage(next);
    setLanguage(next);
  };
  const switchVoice = () => {
    silent = !silent;
    localStorage.setItem(SILENT_KEY, silent ? "1" : "0");
    if (silent) speaker.stop();
    setMuted(silent);
  };
  const shared = { state, language, words, act };
  return html`
    <${Top} ...${{ state, words, pane, setPane, muted, switchVoice, switchLanguage, showPeople: () => showPeople(true), showHistory: () => showHistory(true), showDevice: () => showDevice(true) }} waits=${ear.waits} switchWaits=${ear.switchWaits} />
    <main class="panes" data-pane=${pane}>
      <div class="pane talk-pane">
        <${Face} mood=${moodOf(state, ear.phase, speaking)} speaker=${speaker} words=${words} />
        <${Talk} ...${shared} say=${say} />
        ${pane === "home" && html`<${LastAnswer} turns=${state.turns} show=${() => setPane("talk")} />`}
        <${Dock} words=${words} say=${say} speaking=${speaking} hush=${() => listening.stop()} ...${ear} />
      </div>
      <div class="pane home-pane"><${House} ...${shared} /></div>
    </main>
    <${Notices} notices=${state.notices} words=${words} />
    <${Confirm} asked=${asked} words=${words} close=${() => setAsked(null)} act=${tap} />
    <${History} ...${{ words, language }} shown=${historyShown} close=${() => showHistory(false)} />
    <${MyDevice} ...${{ words, language }} shown=${deviceShown} close=${() => showDevice(false)} />
    <${People} shown=${peopleShown} words=${words} close=${() => showPeople(false)} />
  `;
}

// A token in the address has become a cookie; it shall not stay where others can read it.
if (location.search) history.replaceState(null, "", location.pathname);
render(html`<${App} />`, document.getElementById("app"));
