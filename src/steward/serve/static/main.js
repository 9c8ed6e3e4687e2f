// The page: connects the server's messages to what is seen, and what is touched to the server.

import { Confirm, Notices, Top } from "./chrome.js";
import { Dock } from "./dock.js";
import { House } from "./house.js";
import { Link, newTurn } from "./link.js";
import { Microphone, MicrophoneError, Speaker, unlockSound } from "./sound.js";
import * as store from "./store.js";
import { Talk } from "./talk.js";
import { useEffect, useState } from "./vendor/hooks.module.js";
import { render } from "./vendor/preact.module.js";
import { html } from "./view.js";
import { firstLanguage, keepLanguage, WORDS } from "./words.js";

const SILENT_KEY = "steward.silent";
const LONGEST_RECORDING_MS = 58_000;
const TAIL_MS = 180; // people let go of the button while the last sound is still on its way

let words = WORDS[firstLanguage()];
let setSpeaking = () => {};
let announced = "";
let silent = localStorage.getItem(SILENT_KEY) === "1";

const speaker = new Speaker((playing) => setSpeaking(playing));
const microphone = new Microphone();

const MESSAGES = {
  world: ({ world }) => store.setWorld(world),
  state_changed: ({ entity }) => store.setEntity(entity),
  timer_finished: ({ name, seconds }) => store.notice(words.timerDone(name, seconds), { seconds: 0 }),
  tapped: ({ outcome }) => {
    if (outcome.kind === "failed") store.notice(words.tapFailed, { hint: outcome.message });
  },
  refused: ({ message, hint, turn }) =>
    turn ? store.failTurn(turn, message, hint) : store.notice(message, { hint }),
  spoke: (message) => {
    if (message.turn.startsWith("announcement-") && message.turn !== announced && !silent) {
      // Nobody's turn: heard wherever replies are.
      announced = message.turn;
      speaker.expect(announced);
    }
    store.addToTurn({ kind: "spoke", turn: message.turn, ms: message.ms });
    speaker.play(message);
  },
};

const link = new Link(
  (message) => (MESSAGES[message.kind] ?? store.addToTurn)(message),
  (online) => {
    store.setOnline(online);
    if (!online) speaker.stop();
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

// One recording, from pressing the button to letting it go. `show` gets null, "opening" or "held".
class Recording {
  constructor(show, level) {
    this.show = show;
    this.turn = newTurn();
    this.wanted = true;
    show("opening");
    this.opened = this.open(level);
  }

  async open(level) {
    speaker.stop();
    try {
      const rate = await microphone.start(({ pcm, level: loud }) => {
        link.send(pcm);
        level(loud);
      });
      link.send({ type: "audio_start", rate, turn: this.turn, aloud: !silent });
      if (this.wanted) this.show("held");
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      this.wanted = false;
      this.show(null);
      store.notice(words[error.reason], { hint: words[`${error.reason}Hint`] });
    }
  }

  async finish() {
    if (!this.wanted) return;
    this.wanted = false;
    await this.opened;
    await new Promise((resolve) => setTimeout(resolve, TAIL_MS));
    await microphone.stop();
    this.show(null);
    if (!link.send({ type: "audio_end" })) return store.notice(words.offline);
    speaker.expect(this.turn);
    store.beginTurn(this.turn, "", true);
  }
}

function useRecording() {
  const [listening, setListening] = useState(null);
  const [level, setLevel] = useState(0);
  const [recording, setRecording] = useState(null);
  const begin = () => {
    if (listening !== null) return undefined;
    if (!link.ready) return store.notice(words.offline);
    const made = new Recording(setListening, setLevel);
    setTimeout(() => made.finish(), LONGEST_RECORDING_MS);
    return setRecording(made);
  };
  return { listening, level, begin, finish: () => recording?.finish() };
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
  const recording = useRecording();
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
  const hush = () => {
    speaker.stop();
    link.send({ type: "cancel" });
  };
  const shared = { state, language, words, act };
  return html`
    <${Top} ...${{ state, words, pane, setPane, muted, switchVoice, switchLanguage }} />
    <main class="panes" data-pane=${pane}>
      <div class="pane talk-pane">
        <${Talk} ...${shared} say=${say} />
        ${pane === "home" && html`<${LastAnswer} turns=${state.turns} show=${() => setPane("talk")} />`}
        <${Dock} words=${words} say=${say} speaking=${speaking} hush=${hush} ...${recording} />
      </div>
      <div class="pane home-pane"><${House} ...${shared} /></div>
    </main>
    <${Notices} notices=${state.notices} words=${words} />
    <${Confirm} asked=${asked} words=${words} close=${() => setAsked(null)} act=${tap} />
  `;
}

// A token in the address has become a cookie; it shall not stay where others can read it.
if (location.search) history.replaceState(null, "", location.pathname);
render(html`<${App} />`, document.getElementById("app"));
