// What a card shows and what a touch of it does: pure functions from an entity to a description.
// Domains, services, attributes and their ranges are Home Assistant's.

import { stateWord } from "./words.js";

const call = (entity, service, data = {}) => ({
  capability: `${entity.id.split(".")[0]}.${service}`,
  arguments: { entity_id: [entity.id], ...data },
});
const percent = (value) => `${Math.round(value)} %`;
const degrees = (value) => `${Number(value)}°`;
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

// A description has: icon, on, text, and optionally tap (a call, with `confirm` when it must be asked
// first), tint (a CSS colour), and controls: sliders, steppers, choices and buttons.
function toggled(entity, words, more = {}) {
  const on = entity.state === "on";
  return {
    on,
    text: stateWord(entity, words),
    tap: { ...call(entity, on ? "turn_off" : "turn_on"), pressed: on },
    ...more,
  };
}

const slider = (label, value, min, max, step, show, act) => ({
  kind: "slider", label, value, min, max, step, show, act,
});
const button = (label, icon, act, disabled = false) => ({ kind: "button", label, icon, act, disabled });

function light(entity, words) {
  const { brightness, rgb_color: rgb, color_mode: mode, supported_color_modes: modes = [] } = entity.attributes;
  const on = entity.state === "on";
  const dims = isNumber(brightness) || modes.some((one) => one !== "onoff" && one !== "unknown");
  const text = on && isNumber(brightness) ? `${stateWord(entity, words)} · ${percent(brightness / 2.55)}` : stateWord(entity, words);
  const controls = on && dims
    ? [slider(words.brightness, Math.round((brightness ?? 255) / 2.55), 1, 100, 1, percent, (value) =>
        call(entity, "turn_on", { brightness: Math.round(value * 2.55) }))]
    : [];
  const tint = on && mode !== "color_temp" && Array.isArray(rgb) ? `rgb(${rgb.map(Number).join(" ")})` : undefined;
  return toggled(entity, words, { text, controls, tint, lit: true });
}

function fan(entity, words) {
  const { percentage } = entity.attributes;
  const on = entity.state === "on";
  const known = isNumber(percentage);
  return toggled(entity, words, {
    text: on && known ? `${stateWord(entity, words)} · ${percent(percentage)}` : stateWord(entity, words),
    controls: on && known
      ? [slider(words.speed, percentage, 0, 100, entity.attributes.percentage_step ?? 1, percent, (value) =>
          call(entity, "set_percentage", { percentage: value }))]
      : [],
  });
}

const ENTRANCES = new Set(["garage", "gate", "door"]);

function cover(entity, words) {
  const { current_position: position, device_class: kind } = entity.attributes;
  const open = entity.state !== "closed";
  const opening = { ...call(entity, "open_cover"), confirm: ENTRANCES.has(kind) && words.open };
  const part = isNumber(position) && position > 0 && position < 100;
  return {
    icon: ENTRANCES.has(kind) ? "garage" : "cover",
    on: open,
    text: part ? `${stateWord(entity, words)} · ${percent(position)}` : stateWord(entity, words),
    tap: open ? { ...call(entity, "close_cover"), pressed: true } : { ...opening, pressed: false },
    controls: isNumber(position) && !ENTRANCES.has(kind)
      ? [slider(words.position, position, 0, 100, 1, percent, (value) => call(entity, "set_cover_position", { position: value }))]
      : [],
  };
}

function valve(entity, words) {
  const open = entity.state !== "closed";
  return {
    on: open,
    text: stateWord(entity, words),
    tap: open
      ? { ...call(entity, "close_valve"), pressed: true }
      : { ...call(entity, "open_valve"), confirm: words.open, pressed: false },
  };
}

function lock(entity, words) {
  const locked = entity.state === "locked";
  return {
    icon: locked ? "lock" : "unlock",
    on: !locked,
    lit: !locked,
    alert: entity.state === "jammed",
    text: stateWord(entity, words),
    tap: locked
      ? { ...call(entity, "unlock"), confirm: words.unlock, pressed: false }
      : { ...call(entity, "lock"), pressed: true },
  };
}

function alarm(entity, words) {
  const armed = entity.state !== "disarmed";
  return {
    on: armed,
    alert: entity.state === "triggered",
    text: stateWord(entity, words),
    tap: armed
      ? { ...call(entity, "alarm_disarm"), confirm: words.disarm, pressed: true }
      : { ...call(entity, "alarm_arm_home"), confirm: words.arm, pressed: false },
  };
}

function heating(entity, words, modesKey, service, argument) {
  const { temperature, current_temperature: inside, target_temp_step: step = 0.5 } = entity.attributes;
  const { min_temp: min = 5, max_temp: max = 35, [modesKey]: modes = [] } = entity.attributes;
  const on = entity.state !== "off";
  const controls = [];
  if (on && isNumber(temperature)) {
    controls.push({
      kind: "stepper", label: words.temperature, value: temperature, min, max, step, show: degrees,
      act: (value) => call(entity, "set_temperature", { temperature: value }),
    });
  }
  if (modes.length) {
    controls.push({
      kind: "choice", label: words.mode, value: entity.state,
      options: modes.map((mode) => [mode, words.states[mode] ?? mode]),
      act: (mode) => call(entity, service, { [argument]: mode }),
    });
  }
  const now = isNumber(inside) ? `${words.now} ${degrees(inside)}` : "";
  return { on, text: [modes.length ? "" : stateWord(entity, words), now].filter(Boolean).join(" · "), controls };
}

function media(entity, words) {
  const { volume_level: volume, media_title: title, device_class: kind } = entity.attributes;
  const on = !["off", "standby", "unavailable", "unknown"].includes(entity.state);
  const playing = entity.state === "playing";
  const controls = !on ? [] : [
    button(playing ? words.pause : words.play, playing ? "pause" : "play", () => call(entity, playing ? "media_pause" : "media_play")),
    button(words.next, "next", () => call(entity, "media_next_track")),
  ];
  if (on && isNumber(volume)) {
    controls.push(slider(words.volume, Math.round(volume * 100), 0, 100, 1, percent, (value) =>
      call(entity, "volume_set", { volume_level: value / 100 })));
  }
  return {
    icon: kind === "speaker" ? "speaker" : "media_player",
    on,
    text: on && title ? `${stateWord(entity, words)} · ${title}` : stateWord(entity, words),
    tap: { ...call(entity, on ? "turn_off" : "turn_on"), pressed: on },
    controls,
  };
}

const worker = (active, start, home) => (entity, words) => {
  const busy = entity.state === active;
  const { battery_level: battery } = entity.attributes;
  return {
    on: busy,
    alert: entity.state === "error",
    text: isNumber(battery) ? `${stateWord(entity, words)} · ${percent(battery)}` : stateWord(entity, words),
    controls: [
      button(busy ? words.pause : words.start, busy ? "pause" : "play", () => call(entity, busy ? "pause" : start)),
      button(words.dock, "homeward", () => call(entity, home), entity.state === "docked"),
    ],
  };
};

function humidifier(entity, words) {
  const { humidity, min_humidity: min = 0, max_humidity: max = 100 } = entity.attributes;
  return toggled(entity, words, {
    controls: entity.state === "on" && isNumber(humidity)
      ? [slider(words.humidity, humidity, min, max, 1, percent, (value) => call(entity, "set_humidity", { humidity: value }))]
      : [],
  });
}

function number(entity, words) {
  const { min = 0, max = 100, step = 1 } = entity.attributes;
  const show = (value) => [value, entity.unit].filter(Boolean).join(" ");
  return {
    on: false,
    text: show(entity.state),
    controls: [slider(words.value, Number(entity.state), min, max, step, show, (value) => call(entity, "set_value", { value }))],
  };
}

function choice(entity, words) {
  const options = (entity.attributes.options ?? []).map((option) => [option, option]);
  return {
    on: false,
    text: "",
    controls: [{ kind: "choice", label: words.mode, value: entity.state, options, act: (option) => call(entity, "select_option", { option }) }],
  };
}

const once = (service, label) => (entity, words) => ({
  on: false,
  text: words[label],
  tap: call(entity, service),
});

function timer(entity, words) {
  const running = entity.state === "active";
  const { duration, remaining } = entity.attributes;
  return {
    on: running,
    text: [stateWord(entity, words), running ? remaining : duration].filter(Boolean).join(" · "),
    controls: [running
      ? button(words.cancel, "stop", () => call(entity, "cancel"))
      : button(words.start, "play", () => call(entity, "start"))],
  };
}

const SENSED_ICONS = {
  door: "door", garage_door: "door", opening: "door", window: "window", motion: "motion", occupancy: "motion",
  presence: "motion", smoke: "smoke", gas: "smoke", carbon_monoxide: "smoke", carbon_dioxide: "smoke",
  temperature: "climate", humidity: "humidifier", moisture: "humidifier", battery: "battery", power: "power",
  energy: "power", voltage: "power", current: "power",
};
const ALARMING = new Set(["smoke", "gas", "carbon_monoxide", "moisture", "problem", "safety", "tamper"]);

function sensor(entity) {
  const number = entity.state !== "" && Number.isFinite(Number(entity.state));
  return {
    icon: SENSED_ICONS[entity.attributes.device_class] ?? "sensor",
    on: false,
    text: number || entity.unit ? [entity.state, entity.unit].filter(Boolean).join(" ") : entity.state,
  };
}

function binarySensor(entity, words) {
  const kind = entity.attributes.device_class;
  const on = entity.state === "on";
  return { icon: SENSED_ICONS[kind] ?? "sensor", on, alert: on && ALARMING.has(kind), text: stateWord(entity, words) };
}

const DOMAINS = {
  light, fan, cover, valve, lock, humidifier, timer, sensor,
  switch: toggled, input_boolean: toggled, siren: toggled, remote: toggled, automation: toggled,
  binary_sensor: binarySensor, alarm_control_panel: alarm, media_player: media,
  climate: (entity, words) => heating(entity, words, "hvac_modes", "set_hvac_mode", "hvac_mode"),
  water_heater: (entity, words) => heating(entity, words, "operation_list", "set_operation_mode", "operation_mode"),
  vacuum: worker("cleaning", "start", "return_to_base"),
  lawn_mower: worker("mowing", "start_mowing", "dock"),
  number, input_number: number, select: choice, input_select: choice,
  scene: once("turn_on", "run"), script: once("turn_on", "run"), button: once("press", "press"), input_button: once("press", "press"),
};
const SAME_ICON = { input_boolean: "switch", siren: "alarm_control_panel", script: "scene", binary_sensor: "sensor" };

// Describe `entity` in `words`; a domain that is not known here shows its state and does nothing.
export function describe(entity, words) {
  const domain = entity.id.split(".")[0];
  const made = DOMAINS[domain]?.(entity, words) ?? { on: false, text: stateWord(entity, words) };
  const gone = entity.state === "unavailable";
  return {
    icon: SAME_ICON[domain] ?? domain,
    controls: [],
    gone,
    ...made,
    ...(gone ? { on: false, tap: undefined, controls: [] } : {}),
  };
}

// Whether an entity only tells something, so that a small reading is enough.
export function isReading(entity) {
  return /^(sensor|binary_sensor|device_tracker|person|sun|zone)\./.test(entity.id);
}
