// The butler's face: his eyes tell what he does, his mouth says what is heard.

import { useEffect, useRef, useState } from "./vendor/hooks.module.js";
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

const HAIR = {
  none: null,
  parted: html`<path class="hair" d="M12 38q2-30 38-32q36 2 38 32q-8-16-30-18q-6-2-12-6q-2 8-14 10q-14 4-20 14z" />`,
  curls: html`<path class="hair" transform="translate(3 3) scale(0.94)" d="M10 40a11 11 0 0 1 6-18a11 11 0 0 1 14-13a12 12 0 0 1 20-5a12 12 0 0 1 20 5a11 11 0 0 1 14 13a11 11 0 0 1 6 18q-6-14-16-16q-12 3-24 0q-12 3-24 0q-10 2-16 16z" />`,
  sides: html`<path class="hair" d="M11 52q-4-18 6-28q3 6-1 24zM89 52q4-18-6-28q-3 6 1 24z" />`,
};
const WEARS = {
  moustache: html`<path class="hair" d="M50 55q-6-4-12 0q-4 3-8 0q4 7 12 5q5-1 8-4q3 3 8 4q8 2 12-5q-4 3-8 0q-6-4-12 0z" />`,
  monocle: html`<g class="worn"><circle cx="66" cy="42" r="11" /><path d="M76 47q6 10 4 24" /></g>`,
  glasses: html`<g class="worn"><circle cx="34" cy="42" r="11" /><circle cx="66" cy="42" r="11" /><path d="M45 41q5-4 10 0M23 40l-9-3M77 40l9-3" /></g>`,
};
const NECK = {
  bow: html`<path class="tie" d="M50 93l-16-8v16zM50 93l16-8v16z" />`,
  tie: html`<path class="tie" d="M45 86h10l-2 6l5 11h-16l5-11z" />`,
  scarf: html`<path class="tie" d="M22 84q28 16 56 0l3 9q-30 15-62 0zM60 94l8 9h-12z" />`,
  none: null,
};

// His look is that of the persona; until it is known, and where it says nothing, the page's own.
export function useLook() {
  const [look, setLook] = useState({ hair: "none", wears: [], neck: "bow" });
  useEffect(() => {
    fetch("/api/persona").then(async (answer) => answer.ok && setLook((await answer.json()).face), () => {});
  }, []);
  return look;
}

export function Face({ mood, speaker, words }) {
  const face = useRef(null);
  const look = useLook();
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
  return html`<svg ref=${face} class=${`portrait ${mood}`} style=${look.outline ? `--own: ${look.outline}` : ""} data-mouth="rest" viewBox="0 0 100 104" role="img" aria-label=${words.moods[mood]}>
    <circle class="head" cx="50" cy="46" r="40" />
    ${HAIR[look.hair]}
    <g class="brows"><path d="M27 31q7-5 14 0" /><path d="M59 31q7-5 14 0" /></g>
    <g class="eyes"><ellipse cx="34" cy="42" rx="4.5" ry="5.5" /><ellipse cx="66" cy="42" rx="4.5" ry="5.5" /></g>
    <path class="smile" d="M38 61q12 9 24 0" />
    <ellipse class="lips" cx="50" cy="63" />
    ${look.wears.map((worn) => WEARS[worn])}
    ${NECK[look.neck]}
  </svg>`;
}
