// The butler's face: his eyes tell what he does, his mouth says what is heard.

import { useEffect, useRef } from "./vendor/hooks.module.js";
import { html } from "./view.js";

// What he is at: "away", "listening", "thinking", "speaking", "unsure" or "idle".
export function moodOf({ online, turns }, phase, speaking) {
  const last = turns.at(-1);
  if (online === false) return "away";
  if (speaking) return "speaking";
  if (["opening", "held", "listening", "hearing"].includes(phase)) return "listening";
  if (phase === "thinking" || (last && !last.ended && (last.heard || last.text))) return "thinking";
  return ["unknown", "question"].includes(last?.planned?.plan.body.kind) ? "unsure" : "idle";
}

export function Face({ mood, speaker, words }) {
  const face = useRef(null);
  useEffect(() => {
    if (mood !== "speaking") {
      face.current.dataset.mouth = "rest";
      return;
    }
    let frame = 0;
    const move = () => {
      face.current.dataset.mouth = speaker.mouth();
      frame = requestAnimationFrame(move);
    };
    move();
    return () => cancelAnimationFrame(frame);
  }, [mood]);
  return html`<svg ref=${face} class=${`portrait ${mood}`} data-mouth="rest" viewBox="0 0 100 104" role="img" aria-label=${words.moods[mood]}>
    <circle class="head" cx="50" cy="46" r="40" />
    <g class="brows"><path d="M27 31q7-5 14 0" /><path d="M59 31q7-5 14 0" /></g>
    <g class="eyes"><ellipse cx="34" cy="42" rx="4.5" ry="5.5" /><ellipse cx="66" cy="42" rx="4.5" ry="5.5" /></g>
    <path class="smile" d="M38 61q12 9 24 0" />
    <ellipse class="lips" cx="50" cy="63" />
    <path class="tie" d="M50 93l-16-8v16zM50 93l16-8v16z" />
  </svg>`;
}
