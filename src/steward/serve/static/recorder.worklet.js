// Turns the microphone's samples into 16-bit PCM, in pieces of about 20 ms, with their loudness.

const PIECE = 1024;

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Int16Array(PIECE);
    this.filled = 0;
    this.energy = 0;
    this.port.onmessage = () => {
      this.flush();
      this.port.postMessage({ done: true });
    };
  }

  flush() {
    if (!this.filled) return;
    const pcm = this.piece.slice(0, this.filled).buffer;
    const level = Math.sqrt(this.energy / this.filled);
    this.port.postMessage({ pcm, level }, [pcm]);
    this.filled = 0;
    this.energy = 0;
  }

  process(inputs) {
    for (const sample of inputs[0][0] ?? []) {
      const value = Math.max(-1, Math.min(1, sample));
      this.piece[this.filled++] = Math.round(value * 32767);
      this.energy += value * value;
      if (this.filled === PIECE) this.flush();
    }
    return true;
  }
}

registerProcessor("recorder", Recorder);
