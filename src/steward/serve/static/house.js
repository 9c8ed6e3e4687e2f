// The home: floors, their areas, and in each the cards of its entities.

import { Card, Reading, TodoCard, WeatherCard } from "./cards.js";
import { isReading } from "./devices.js";
import { Icon } from "./icons.js";
import { html } from "./view.js";
import { nameOf } from "./words.js";

// The order of cards in an area: what is used most comes first.
const ORDER = ["light", "switch", "climate", "cover", "media_player", "fan", "humidifier", "water_heater", "lock", "alarm_control_panel"];
const rank = (entity) => {
  const place = ORDER.indexOf(entity.id.split(".")[0]);
  return place < 0 ? ORDER.length : place;
};
const isScene = (entity) => /^(scene|script)\./.test(entity.id);
const SPECIAL = { todo: TodoCard, weather: WeatherCard };

// The card that fits the entity's domain, wherever it is shown.
export function AnyCard({ entity, state, ...shared }) {
  const Kind = SPECIAL[entity.id.split(".")[0]] ?? Card;
  return html`<${Kind} entity=${entity} changed=${state.changed[entity.id]} ...${shared} />`;
}

function Scenes({ scenes, state, language, act }) {
  if (!scenes.length) return null;
  return html`<div class="scenes">
    ${scenes.map((entity) => html`<button
      key=${entity.id} data-entity=${entity.id} class=${`scene ${state.changed[entity.id] ? `moved-${state.changed[entity.id] % 2}` : ""}`}
      onClick=${() => act({ capability: `${entity.id.split(".")[0]}.turn_on`, arguments: { entity_id: [entity.id] } })}
    ><${Icon} name="scene" size=${17} />${nameOf(entity, language)}</button>`)}
  </div>`;
}

function Area({ title, entities, state, ...shared }) {
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
      ${cards.map((entity) => html`<${AnyCard} key=${entity.id} entity=${entity} state=${state} ...${shared} />`)}
    </div>`}
  </section>`;
}

// Groups of areas by floor, in the home's order; areas on no floor and things in no area come last.
function floorsOf({ floors, areas }, entities, language, words) {
  const known = new Set(areas.map((area) => area.id));
  const inArea = (id) => entities.filter((entity) => entity.area === id);
  const listed = (floor) =>
    areas
      .filter((area) => (floor ? area.floor === floor.id : !floors.some((one) => one.id === area.floor)))
      .map((area) => ({ id: area.id, title: nameOf(area, language), entities: inArea(area.id) }))
      .filter((area) => area.entities.length);
  const groups = floors.map((floor) => ({ id: floor.id, title: nameOf(floor, language), areas: listed(floor) }));
  const rest = listed(null);
  const loose = entities.filter((entity) => !known.has(entity.area) && isReading(entity));
  if (loose.length) rest.push({ id: "", title: words.whole, entities: loose });
  return [...groups, { id: "", title: floors.length && rest.length ? words.elsewhere : "", areas: rest }].filter(
    (group) => group.areas.length,
  );
}

export function House({ state, language, words, act }) {
  const all = Object.values(state.entities);
  const scenes = all.filter(isScene);
  const things = all.filter((entity) => !isScene(entity));
  const known = new Set(state.areas.map((area) => area.id));
  const general = things.filter((entity) => !known.has(entity.area) && !isReading(entity));
  const weatherFirst = [...general].sort((a, b) => b.id.startsWith("weather.") - a.id.startsWith("weather."));
  const shared = { state, language, words, act };
  if (!all.length) return html`<p class="empty">${state.online ? words.noHome : words.connecting}</p>`;
  return html`<div class="house">
    <${Scenes} scenes=${scenes} ...${shared} />
    ${general.length > 0 && html`<div class="general">
      ${weatherFirst.map((entity) => html`<${AnyCard} key=${entity.id} entity=${entity} ...${shared} />`)}
    </div>`}
    ${floorsOf(state, things, language, words).map((floor) => html`<section class="floor" key=${floor.id}>
      ${floor.title && html`<h2>${floor.title}</h2>`}
      <div class="areas">
        ${floor.areas.map((area) => html`<${Area} key=${area.id} title=${area.title} entities=${area.entities} ...${shared} />`)}
      </div>
    </section>`)}
  </div>`;
}
