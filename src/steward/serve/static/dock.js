// Where one speaks: the text box and the button that is tapped, or held, to talk.

import { Icon } from "./icons.js";
import { useEffect, useRef, useState } from "./vendor/hooks.module.js";
import { html } from "./view.js";

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

// What the microphone does, and what one can do about it.
function Status({ phase, words }) {
  const [does, can] = {
    opening: [words.opening, ""],
    held: [words.listening, words.release],
    listening: [words.listening, words.justSpeak],
    hearing: [words.listening, words.tapToSend],
    thinking: [words.pondering, words.tapToStop],
    speaking: [words.speaking, words.speakOver],
  }[phase];
  return html`<p class="status" role="status"><b>${does}</b> <span>${can}</span></p>`;
}

const STOPPABLE = ["thinking", "speaking"];

export function Dock({ words, say, phase: does, level, down, up, speaking, hush }) {
  // While it waits for the word, one can type or press as ever.
  const phase = does === "waiting" ? null : does;
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
  const stops = STOPPABLE.includes(phase);
  return html`<div class=${`dock ${phase ?? ""} ${phase && !stops ? "hears" : ""}`}>
    ${phase ? html`<${Status} phase=${phase} words=${words} />` : html`<${Text} words=${words} say=${say} />`}
    ${speaking && !phase && html`<button class="hush" aria-label=${words.stopSpeaking} title=${words.stopSpeaking} onClick=${hush}><${Icon} name="stop" /></button>`}
    <button
      class="hold" type="button" aria-label=${stops ? words.tapToStop : words.hold} aria-pressed=${String(Boolean(phase))} title=${words.holdHint}
      style=${{ "--level": String(Math.min(1, level * 6)) }}
      onPointerDown=${press} onPointerUp=${up} onPointerCancel=${up} onContextMenu=${(event) => event.preventDefault()}
      onKeyDown=${keyed(down)} onKeyUp=${keyed(up)}
    ><${Icon} name=${stops ? "stop" : "microphone"} size=${28} /></button>
  </div>`;
}
