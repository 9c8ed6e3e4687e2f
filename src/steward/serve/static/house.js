// The home: floors, their areas, and in each the cards of its entities.

import { Card, Reading, WeatherCard } from "./cards.js";
import { isReading } from "./devices.js";
import { Icon } from "./icons.js";
import { CalendarCard, TodoCard } from "./lists.js";
import { html } from "./view.js";
import { nameOf } from "./words.js";

// The order of cards in an area: what is used most comes first.
const ORDER = ["light", "switch", "climate", "cover", "media_player", "fan", "humidifier", "water_heater", "lock", "alarm_control_panel"];
const rank = (entity) => {
  const place = ORDER.indexOf(entity.id.split(".")[0]);
  return place < 0 ? ORDER.length : place;
};
const isScene = (entity) => /^(scene|script)\./.test(entity.id);
const SPECIAL = { calendar: CalendarCard, todo: TodoCard, weather: WeatherCard };

// The card that fits the entity's domain, wherever it is shown.
export function AnyCard({ entity, state, ...shared }) {
  const Kind = SPECIAL[entity.id.split(".")[0]] ?? Card;
  return html`<${Kind} entity=${entity} changed=${state.changed[entity.id]} ...${shared} />`;
}

// What concerns the whole home at a glance: the weather, and what one touch sets.
function Overview({ weather, scenes, ...shared }) {
  const { state, language, act } = shared;
  if (!weather.length && !scenes.length) return null;
  return html`<div class="overview">
    ${weather.map((entity) => html`<${AnyCard} key=${entity.id} entity=${entity} ...${shared} />`)}
    <div class="scenes">
      ${scenes.map((entity) => html`<button
        key=${entity.id} data-entity=${entity.id} class=${`scene ${state.changed[entity.id] ? `moved-${state.changed[entity.id] % 2}` : ""}`}
        onClick=${() => act({ capability: `${entity.id.split(".")[0]}.turn_on`, arguments: { entity_id: [entity.id] } })}
      ><${Icon} name="scene" size=${17} />${nameOf(entity, language)}</button>`)}
    </div>
  </div>`;
}

function Area({ area, title, entities, state, ...shared }) {
  const readings = entities.filter(isReading);
  const cards = entities.filter((entity) => !isReading(entity)).sort((a, b) => rank(a) - rank(b));
  return html`<section class="area" aria-label=${title}>
    <header>
      <h3>${title}</h3>
      <div class="readings">
        ${readings.map((entity) => html`<${Reading} key=${entity.id} entity=${entity} changed=${state.changed[entity.id]} ...${shared} />`)}
      </div>
    </header>
    ${cards.length > 0 && html`<div class="cards">
      ${cards.map((entity) => html`<${AnyCard} key=${entity.id} entity=${entity} area=${area} state=${state} ...${shared} />`)}
    </div>`}
  </section>`;
}

// Groups of areas by floor, in the home's order. Areas on no floor come after them, and last of all
// what is in no area.
function floorsOf({ floors, areas }, things, language, words) {
  const known = new Set(areas.map((area) => area.id));
  const listed = (wanted) =>
    areas
      .filter(wanted)
      .map((area) => ({ id: area.id, area, title: nameOf(area, language), entities: things.filter((one) => one.area === area.id) }))
      .filter((area) => area.entities.length);
  const loose = things.filter((entity) => !known.has(entity.area));
  const elsewhere = listed((area) => !floors.some((floor) => floor.id === area.floor));
  if (loose.length) elsewhere.push({ id: "", title: words.whole, entities: loose });
  return [
    ...floors.map((floor) => ({ id: floor.id, title: nameOf(floor, language), areas: listed((area) => area.floor === floor.id) })),
    { id: "", title: floors.length ? words.elsewhere : "", areas: elsewhere },
  ].filter((group) => group.areas.length);
}

export function House({ state, language, words, act }) {
  const all = Object.values(state.entities);
  const weather = all.filter((entity) => entity.id.startsWith("weather."));
  const scenes = all.filter(isScene);
  const things = all.filter((entity) => !isScene(entity) && !weather.includes(entity));
  const shared = { state, language, words, act };
  if (!all.length) return html`<p class="empty">${state.online ? words.noHome : words.connecting}</p>`;
  return html`<div class="house">
    <${Overview} weather=${weather} scenes=${scenes} ...${shared} />
    ${floorsOf(state, things, language, words).map((floor) => html`<section class="floor" key=${floor.id}>
      ${floor.title && html`<h2>${floor.title}</h2>`}
      <div class="areas">
        ${floor.areas.map((area) => html`<${Area} key=${area.id} area=${area.area} title=${area.title} entities=${area.entities} ...${shared} />`)}
      </div>
    </section>`)}
  </div>`;
}
