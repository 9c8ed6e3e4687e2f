// The microphone. A press that is held is one sentence, until it is let go. A tap opens it for a
// talk: the server notices when a sentence is over, and what is said over the reply is the next one.
// While it waits for the wake word it stays open, too, and only what follows the word is a sentence.

import { newTurn } from "./link.js";
import { Microphone, MicrophoneError } from "./sound.js";

const SHORT_PRESS_MS = 350;
const LONGEST_HELD_MS = 58_000;
const TAIL_MS = 180; // people let go of the button while the last sound is still on its way
const ANSWER_MS = 8_000; // how long it stays open after a question

export class Listening {
  // `onChange` gets what it does: null, "waiting" for the wake word, "opening", "held", and of an
  // open one "listening" (nobody speaks), "hearing", "thinking" or "speaking"; `onLevel` the
  // loudness; `onFail` why it cannot;
  // `onSent` the turn whose sentence is over because its speaker said so.
  constructor({ link, speaker, onChange, onLevel, onFail, onSent }) {
    Object.assign(this, { link, speaker, onChange, onLevel, onFail, onSent });
    this.microphone = new Microphone();
    this.stopped = null;
    this.phase = null;
    this.waits = false;
  }

  get open() {
    return this.mode === "open" || this.mode === "wake";
  }

  become(phase) {
    this.phase = phase;
    this.onChange(phase);
  }

  press(aloud) {
    if (this.phase === "waiting") this.letGo();
    if (this.phase !== null) {
      if (this.open) this.tap();
      return;
    }
    if (!this.link.ready) return this.onFail("offline");
    this.speaker.stop();
    this.begin(aloud, "opening");
    this.pressed = performance.now();
    this.timer = setTimeout(() => this.rate && this.decide("held"), SHORT_PRESS_MS);
  }

  begin(aloud, phase) {
    Object.assign(this, { turn: newTurn(), aloud, mode: null, waiting: [], rate: 0, pressed: 0, wanted: null });
    this.become(phase);
    this.start(this.turn);
  }

  // Whether it waits for the wake word whenever nothing else is going on.
  wait(waits, aloud) {
    Object.assign(this, { waits, aloud });
    if (waits) this.rest();
    else if (this.mode === "wake") {
      this.link.send({ type: "audio_end" });
      this.letGo();
    }
  }

  rest() {
    if (!this.waits || this.phase !== null || !this.link.ready) return;
    this.begin(this.aloud, "waiting");
    this.wanted = "wake";
  }

  // A press before the microphone is open was a tap, or went to the browser's question.
  release() {
    if (!this.pressed) return;
    const short = !this.rate || performance.now() - this.pressed < SHORT_PRESS_MS;
    this.pressed = 0;
    if (this.mode === "held") this.finish();
    else if (short) this.decide("open");
  }

  async start(turn) {
    try {
      await this.stopped;
      this.rate = await this.microphone.start(({ pcm, level }) => this.piece(pcm, level));
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      this.fail();
      return this.onFail(error.reason);
    }
    if (turn !== this.turn || this.phase === null) {
      this.stopped = this.microphone.stop();
      return;
    }
    if (this.wanted) this.decide(this.wanted);
    else if (this.pressed && performance.now() - this.pressed >= SHORT_PRESS_MS) this.decide("held");
  }

  piece(pcm, level) {
    if (this.mode) this.link.send(pcm);
    else this.waiting?.push(pcm);
    this.onLevel(level);
  }

  decide(mode) {
    this.wanted = mode;
    if (!this.rate || this.mode) return;
    clearTimeout(this.timer);
    this.wanted = null;
    this.mode = mode;
    const { turn, rate, aloud } = this;
    this.link.send({ type: "audio_start", rate, held: mode === "held", wake: mode === "wake", turn, aloud });
    this.waiting.forEach((pcm) => this.link.send(pcm));
    this.waiting = [];
    this.become({ held: "held", open: "listening", wake: "waiting" }[mode]);
    if (mode === "held") this.timer = setTimeout(() => this.finish(), LONGEST_HELD_MS);
  }

  // The sentence is over, because its speaker says so.
  async finish() {
    const { turn } = this;
    if (this.ending === turn) return;
    this.ending = turn;
    clearTimeout(this.timer);
    await new Promise((resolve) => setTimeout(resolve, TAIL_MS));
    this.stopped = this.microphone.stop();
    await this.stopped;
    if (this.phase === null || turn !== this.turn) return;
    this.mode = null;
    this.become(null);
    if (this.link.send({ type: "audio_end" })) this.onSent(turn);
    else this.onFail("offline");
    this.rest();
  }

  // A tap on an open microphone: ends the sentence, or the talk, or him.
  tap() {
    if (this.phase === "hearing" && this.mode === "open") return this.finish();
    return this.stop();
  }

  // Ends everything: the talk, the turn that runs, the reply.
  stop() {
    this.speaker.stop();
    this.link.send({ type: "cancel" });
    this.close();
  }

  // Lets the microphone go; what was said is still answered.
  close() {
    this.letGo();
    this.rest();
  }

  letGo() {
    clearTimeout(this.timer);
    if (this.phase === null) return;
    this.mode = this.wanted = null;
    this.pressed = 0;
    this.become(null);
    this.stopped = this.microphone.stop();
  }

  // It cannot be listened to: waiting for the word would only fail again.
  fail() {
    if (this.mode !== "open" && this.mode !== "held") this.waits = false;
    this.close();
  }

  // What the server tells of turns that are spoken.

  woken(turn) {
    if (this.mode !== "wake") return;
    this.turn = turn;
    this.become("listening");
  }

  hearing(turn) {
    if (!this.open) return;
    clearTimeout(this.timer);
    this.turn = turn;
    this.become("hearing");
  }

  heard(turn) {
    if (!this.open || this.phase === null) return;
    this.turn = turn;
    this.become("thinking");
  }

  spoke(turn) {
    if (this.open && turn === this.turn && this.phase === "thinking") this.become("speaking");
  }

  // The turn has ended and cannot be heard any more; after a question an answer is waited for.
  over(turn, asked) {
    if (!this.open || this.phase === null || turn !== this.turn) return;
    if (!asked && this.mode === "wake") return this.become("waiting");
    if (!asked) {
      this.link.send({ type: "audio_end" });
      return this.close();
    }
    this.become("listening");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.over(turn, false), ANSWER_MS);
  }
}
