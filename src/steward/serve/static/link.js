// The WebSocket to the server: JSON both ways, sound as binary, connected again when it breaks.
// The messages are described in steward/serve/messages.py.

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 10_000;

// A name that no other page makes; crypto.randomUUID does not exist outside secure contexts.
export function newTurn() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function readSpoke(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { ...head, pcm: new Int16Array(buffer.slice(4 + length)) };
}

export class Link {
  // `onMessage` gets every message, `onState` whether the server can be reached.
  constructor(onMessage, onState) {
    this.onMessage = onMessage;
    this.onState = onState;
    this.wait = FIRST_WAIT_MS;
    this.timer = 0;
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
    this.open();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.wait = FIRST_WAIT_MS;
      this.onState(true);
    };
    socket.onmessage = ({ data }) =>
      this.onMessage(typeof data === "string" ? JSON.parse(data) : readSpoke(data));
    socket.onclose = () => {
      this.onState(false);
      this.timer = setTimeout(() => this.reopen(), this.wait * (0.75 + Math.random() / 2));
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    };
    this.socket = socket;
  }

  async reopen() {
    this.timer = 0;
    try {
      // A WebSocket does not say why it was refused; a request does.
      const answer = await fetch("/api/world", { method: "HEAD" });
      if (answer.status === 401) return location.reload();
    } catch {
      // Not reachable: the next attempt will say so again.
    }
    this.open();
  }

  retryNow() {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.reopen();
  }

  get ready() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  // Returns whether the message could be sent.
  send(message) {
    if (!this.ready) return false;
    this.socket.send(message instanceof ArrayBuffer ? message : JSON.stringify(message));
    return true;
  }
}
