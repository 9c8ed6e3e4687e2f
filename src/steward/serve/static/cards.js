// A card: one entity, its state, and what can be done with it.

import { describe } from "./devices.js";
import { Icon } from "./icons.js";
import { useEffect, useRef, useState } from "./vendor/hooks.module.js";
import { html } from "./view.js";
import { nameOf, shortName, stateWord } from "./words.js";

const SEND_EVERY_MS = 200;

// A value that follows the hand at once and the home when the hand is off; while the hand moves, it is
// sent at most every 200 ms, and always when the hand lets go.
function useHandled(value, send) {
  const [held, setHeld] = useState(null);
  const last = useRef(0);
  useEffect(() => setHeld(null), [value]);
  const move = (next) => {
    setHeld(next);
    if (Date.now() - last.current >= SEND_EVERY_MS) {
      last.current = Date.now();
      send(next);
    }
  };
  const drop = (next) => {
    setHeld(next);
    send(next);
  };
  return [held ?? value, move, drop];
}

function Slider({ control, name, act }) {
  const { label, min, max, step, show } = control;
  const [value, move, drop] = useHandled(control.value, (next) => act(control.act(next)));
  const fill = `${((value - min) / (max - min || 1)) * 100}%`;
  return html`<label class="slider">
    <span class="slider-label">${label}</span>
    <input
      type="range" min=${min} max=${max} step=${step} value=${value}
      aria-label=${`${label}, ${name}`} aria-valuetext=${show(value)} style=${{ "--fill": fill }}
      onInput=${(event) => move(Number(event.target.value))}
      onChange=${(event) => drop(Number(event.target.value))}
    />
    <output>${show(value)}</output>
  </label>`;
}

function Stepper({ control, name, act, words }) {
  const { value, min, max, step, show } = control;
  const to = (next) => act(control.act(Math.round(Math.min(max, Math.max(min, next)) * 100) / 100));
  return html`<div class="stepper" role="group" aria-label=${`${control.label}, ${name}`}>
    <button class="round" aria-label=${words.cooler} disabled=${value <= min} onClick=${() => to(value - step)}>
      <${Icon} name="minus" size=${18} />
    </button>
    <output>${show(value)}</output>
    <button class="round" aria-label=${words.warmer} disabled=${value >= max} onClick=${() => to(value + step)}>
      <${Icon} name="plus" size=${18} />
    </button>
  </div>`;
}

function Choice({ control, name, act }) {
  return html`<select
    class="choice" aria-label=${`${control.label}, ${name}`} value=${control.value}
    onChange=${(event) => act(control.act(event.target.value))}
  >
    ${control.options.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}
  </select>`;
}

function Controls({ controls, name, act, words }) {
  const kinds = { slider: Slider, stepper: Stepper, button: Button };
  return html`<div class="controls">
    ${controls.map((control) => html`<${kinds[control.kind]} key=${control.kind + (control.icon ?? control.label)} ...${{ control, name, act, words }} />`)}
  </div>`;
}

function Button({ control, name, act }) {
  const { label, icon, disabled } = control;
  return html`<button class="round" aria-label=${`${label}, ${name}`} title=${label} disabled=${disabled} onClick=${() => act(control.act())}>
    <${Icon} name=${icon} size=${18} />
  </button>`;
}

// A card that can be touched is one button; one that has choices shows them in place of its state.
function Face({ shown, name, title, act }) {
  const choice = shown.controls.find((control) => control.kind === "choice");
  const inner = html`
    <span class="badge"><${Icon} name=${shown.icon} /></span>
    <span class="label">
      <b>${title}</b>
      ${choice && html`<${Choice} control=${choice} name=${name} act=${act} />`}
      ${shown.text && html`<span class="state">${shown.text}</span>`}
    </span>
  `;
  if (!shown.tap) return html`<div class="face">${inner}</div>`;
  const { pressed } = shown.tap;
  const role = pressed === undefined ? {} : { role: "switch", "aria-checked": String(pressed) };
  return html`<button class="face" aria-label=${`${name}: ${shown.text}`} ...${role} onClick=${() => act(shown.tap)}>${inner}</button>`;
}

// `area` is given where the card stands under its area's name. The highlight runs again whenever
// `changed` grows; the class alternates so that it restarts.
export function Card({ entity, area, language, words, changed = 0, act }) {
  const shown = describe(entity, words);
  const name = nameOf(entity, language);
  const rows = shown.controls.filter((control) => control.kind !== "choice");
  const classes = [
    "card", shown.on && "on", shown.lit && "lit", shown.tint && "tinted", shown.alert && "alert", shown.gone && "gone",
    changed && `moved-${changed % 2}`,
  ];
  const acting = (one) => act({ ...one, name });
  return html`<article
    class=${classes.filter(Boolean).join(" ")} data-entity=${entity.id} data-state=${entity.state}
    style=${{ "--tint": shown.tint ?? "" }}
  >
    <${Face} shown=${shown} name=${name} title=${shortName(entity, area, language)} act=${acting} />
    ${rows.length > 0 && html`<${Controls} controls=${rows} name=${name} act=${acting} words=${words} />`}
  </article>`;
}

export function Reading({ entity, language, words, changed = 0 }) {
  const shown = describe(entity, words);
  const classes = ["reading", shown.on && "on", shown.alert && "alert", changed && `moved-${changed % 2}`];
  return html`<span class=${classes.filter(Boolean).join(" ")} data-entity=${entity.id} data-state=${entity.state} title=${nameOf(entity, language)}>
    <${Icon} name=${shown.icon} size=${15} /><span class="sr">${nameOf(entity, language)}: </span>${shown.text}
  </span>`;
}

const WEATHER_SIGNS = {
  sunny: "sunny", "clear-night": "night", cloudy: "cloudy", partlycloudy: "partlycloudy", rainy: "rainy",
  pouring: "rainy", hail: "snowy", snowy: "snowy", "snowy-rainy": "snowy", fog: "fog", windy: "windy",
  "windy-variant": "windy", lightning: "lightning", "lightning-rainy": "lightning",
};

export function WeatherCard({ entity, language, words, changed = 0 }) {
  const { temperature, humidity, wind_speed: wind, wind_speed_unit: unit = "" } = entity.attributes;
  const facts = [humidity !== undefined && `${humidity} %`, wind !== undefined && `${wind} ${unit}`];
  return html`<article class=${`card weather ${changed ? `moved-${changed % 2}` : ""}`} data-entity=${entity.id} data-state=${entity.state}>
    <span class="sr">${nameOf(entity, language)}</span>
    <span class="sign"><${Icon} name=${WEATHER_SIGNS[entity.state] ?? "climate"} size=${34} /></span>
    <span class="degrees">${temperature === undefined ? "" : `${Math.round(temperature)}°`}</span>
    <span class="label"><b>${stateWord(entity, words)}</b><span class="state">${facts.filter(Boolean).join(" · ")}</span></span>
  </article>`;
}
