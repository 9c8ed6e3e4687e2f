// Where one speaks: the text box and the button that is held to talk.

import { Icon } from "./icons.js";
import { useEffect, useRef, useState } from "./vendor/hooks.module.js";
import { html } from "./view.js";

// A press shorter than this keeps the microphone open until the next press, for those who cannot
// hold a button.
const SHORT_PRESS_MS = 350;

function Text({ words, say }) {
  const [text, setText] = useState("");
  const submit = (event) => {
    event.preventDefault();
    const trimmed = text.trim();
    if (trimmed && say(trimmed)) setText("");
  };
  return html`<form class="text" onSubmit=${submit}>
    <input
      type="text" value=${text} placeholder=${words.placeholder} aria-label=${words.message} enterkeyhint="send"
      autocomplete="off" maxlength="10000" onInput=${(event) => setText(event.target.value)}
    />
    <button class="send" aria-label=${words.send} disabled=${!text.trim()}><${Icon} name="send" /></button>
  </form>`;
}

function isTyping(target) {
  return target.closest?.("input:not([type=range]):not([type=checkbox]), textarea, select, dialog, button, summary, [contenteditable]");
}

// `listening` is null, "opening", "held" or "latched"; `begin` and `finish` open and end a recording.
function useHolding({ listening, begin, finish }) {
  const pressed = useRef(0);
  const latched = useRef(false);
  const down = () => {
    if (latched.current) return;
    pressed.current = performance.now();
    begin();
  };
  const up = () => {
    if (latched.current) {
      latched.current = false;
      finish();
    } else if (pressed.current) {
      const short = performance.now() - pressed.current < SHORT_PRESS_MS;
      pressed.current = 0;
      if (short && listening !== null) latched.current = true;
      else finish();
    }
  };
  if (listening === null && !pressed.current) latched.current = false;
  return { down, up, latched };
}

export function Dock({ words, say, listening, level, begin, finish, speaking, hush }) {
  const { down, up, latched } = useHolding({ listening, begin, finish });
  const hands = useRef({});
  hands.current = { down, up };
  useEffect(() => {
    const key = (event, act) => {
      if (event.code !== "Space" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      if (!event.repeat) act();
    };
    const keyDown = (event) => key(event, () => hands.current.down());
    const keyUp = (event) => key(event, () => hands.current.up());
    addEventListener("keydown", keyDown);
    addEventListener("keyup", keyUp);
    return () => {
      removeEventListener("keydown", keyDown);
      removeEventListener("keyup", keyUp);
    };
  }, []);
  const press = (event) => {
    if (event.button) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    down();
  };
  // Keys on the button itself: holding one repeats keydown, so only the first counts.
  const keyed = (act) => (event) => {
    if (event.code !== "Space" && event.code !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) act();
  };
  const status = { opening: words.opening, listening: latched.current ? words.pressToSend : words.release };
  return html`<div class=${`dock ${listening ?? ""}`}>
    ${listening
      ? html`<p class="status" role="status"><b>${listening === "opening" ? words.opening : words.listening}</b> <span>${listening === "opening" ? "" : status.listening}</span></p>`
      : html`<${Text} words=${words} say=${say} />`}
    ${speaking && !listening && html`<button class="hush" aria-label=${words.stopSpeaking} title=${words.stopSpeaking} onClick=${hush}><${Icon} name="stop" /></button>`}
    <button
      class="hold" type="button" aria-label=${words.hold} aria-pressed=${String(Boolean(listening))} title=${words.holdHint}
      style=${{ "--level": String(Math.min(1, level * 6)) }}
      onPointerDown=${press} onPointerUp=${up} onPointerCancel=${up} onContextMenu=${(event) => event.preventDefault()}
      onKeyDown=${keyed(down)} onKeyUp=${keyed(up)}
    ><${Icon} name="microphone" size=${28} /></button>
  </div>`;
}
