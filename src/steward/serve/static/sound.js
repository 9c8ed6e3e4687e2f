// Sound out (the butler's voice) and in (the microphone).

const HALT_MS = 500;

let context = null; // plays, and is suspended while he halts
let hearing = null; // records, always

// To be called from a key or pointer event: browsers allow sound only after one.
export function unlockSound() {
  context ??= new AudioContext({ latencyHint: "interactive" });
  hearing ??= new AudioContext({ latencyHint: "interactive" });
  for (const sound of [context, hearing]) if (sound.state === "suspended") sound.resume();
}

// Plays the pieces of one turn's reply one after the other; those of any other turn are dropped.
export class Speaker {
  constructor(onChange) {
    this.onChange = onChange;
    this.turn = null;
    this.playing = new Set();
    this.shapes = []; // of the mouth: [time of the context, shape]
    this.next = 0;
  }

  expect(turn) {
    this.stop();
    this.turn = turn;
  }

  play({ turn, rate, pcm, mouth }) {
    if (turn !== this.turn || !context || !pcm.length) return;
    const buffer = context.createBuffer(1, pcm.length, rate);
    buffer.getChannelData(0).set(Float32Array.from(pcm, (value) => value / 32768));
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    // A little ahead of now, so that the first pieces do not stutter.
    this.next = Math.max(this.next, context.currentTime + 0.06);
    source.start(this.next);
    for (const [time, shape] of mouth) this.shapes.push([this.next + time, shape]);
    this.next += buffer.duration;
    this.playing.add(source);
    source.onended = () => {
      this.playing.delete(source);
      if (!this.playing.size) this.onChange(false);
    };
    this.onChange(true);
  }

  // The shape of a mouth that says what is heard at this moment.
  mouth() {
    if (!this.playing.size) return "rest";
    const now = context.currentTime - (context.outputLatency || 0);
    while (this.shapes.length > 1 && this.shapes[1][0] <= now) this.shapes.shift();
    return this.shapes[0]?.[0] <= now ? this.shapes[0][1] : "rest";
  }

  // Perhaps somebody speaks over him: he halts for a moment, and goes on if he is not stopped.
  halt() {
    if (!this.playing.size) return;
    clearTimeout(this.halted);
    context.suspend();
    this.halted = setTimeout(() => context.resume(), HALT_MS);
  }

  stop() {
    clearTimeout(this.halted);
    context?.resume();
    this.turn = null;
    this.next = 0;
    this.shapes = [];
    for (const source of this.playing) {
      source.onended = null;
      source.stop();
    }
    if (this.playing.size) this.onChange(false);
    this.playing.clear();
  }
}

// Why the microphone cannot be used: "insecure", "refused", "missing" or "broken".
export class MicrophoneError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

const REASONS = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "missing" };

// Records from start to stop. It is released after every talk, so that the browser's own sign shows
// truly when it listens. The browser takes what the page plays out of what it records.
export class Microphone {
  async start(onPiece) {
    if (!window.isSecureContext || !navigator.mediaDevices) throw new MicrophoneError("insecure");
    unlockSound();
    const sound = hearing;
    const audio = { channelCount: 1, echoCancellation: true, noiseSuppression: true };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio });
      this.loaded ??= sound.audioWorklet.addModule("/static/recorder.worklet.js");
      await this.loaded;
    } catch (error) {
      this.release();
      throw new MicrophoneError(REASONS[error.name] ?? "broken");
    }
    this.source = sound.createMediaStreamSource(this.stream);
    this.node = new AudioWorkletNode(sound, "recorder", { numberOfOutputs: 0, channelCount: 1 });
    this.node.port.onmessage = ({ data }) => (data.done ? this.done?.() : onPiece(data));
    this.source.connect(this.node);
    return sound.sampleRate;
  }

  // Ends the recording; its last piece has been handed over when this resolves.
  async stop() {
    if (!this.node) return this.release();
    const node = this.node;
    await new Promise((resolve) => {
      this.done = resolve;
      setTimeout(resolve, 300);
      node.port.postMessage("flush");
    });
    this.source.disconnect();
    this.node = this.source = null;
    return this.release();
  }

  release() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }
}
