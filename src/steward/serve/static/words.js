// The words of the page, in English and Chinese, and names in the language of the page.

const KEY = "steward.language";

const EN = {
  morning: "Good morning.", afternoon: "Good afternoon.", evening: "Good evening.",
  offer: "What may I do for you?", try: "Try saying",
  talk: "Talk", home: "Home", placeholder: "Say it or type it", send: "Send", message: "Your message",
  hold: "Tap, or hold to talk", holdHint: "Tap and speak, or hold while you speak; the space bar does the same",
  answerToWord: "Answer to the wake word", waitsForWord: "Waiting for the wake word; the sound goes to your server only",
  opening: "Opening the microphone…", listening: "Listening…", release: "Release to send",
  justSpeak: "Just speak", tapToSend: "Tap to send", pondering: "One moment…", tapToStop: "Tap to stop",
  speaking: "Speaking…", speakOver: "Speak, or tap to stop",
  stop: "Stop", stopSpeaking: "Stop speaking", voiceOn: "Replies are spoken", voiceOff: "Replies are silent",
  language: "中文", languageLabel: "切换到中文",
  connecting: "Connecting…", offline: "Not connected. Trying again…", restored: "Connected again.",
  thinking: "One moment…", sound: "a recording",
  cancelled: "Stopped.", lost: "The connection broke before the answer came.", failed: "That failed.",
  insecure: "The microphone works only on a secure page.",
  insecureHint: "Open this page as http://localhost or over https.",
  refused: "The microphone was refused.", refusedHint: "Allow it in the browser's settings for this page.",
  missing: "No microphone was found.", missingHint: "Connect one, or type instead.",
  broken: "The microphone could not be opened.", brokenHint: "Another program may be using it.",
  asks: (tier) => `Asking ${tier}…`, answeredBy: (tier) => `Answered by ${tier}`, tiers: { device: "this device" },
  brought: (question, answer) => `${question} ${answer || "No answer was found."}`,
  whatWasSent: "What was sent", everyByte: "Every byte", tokens: "tokens", cost: "cost", roles: { system: "Instruction", user: "Said", assistant: "Answered" },
  trace: "How", heard: "Heard", typed: "Typed", plan: "Understood", act: "Done", reply: "Worded",
  voice: "First sound", silent: "Not spoken", sure: "sure", stage: "by", failedCall: "Not done",
  askedBack: "asked back", wordsOnly: "words only", noPlan: "no plan", ms: "ms",
  timerDone: (name, seconds) => `The ${name || englishLength(seconds)} timer is finished.`,
  whole: "Whole home", elsewhere: "Elsewhere", scenes: "Scenes", noHome: "No devices yet.",
  confirm: (what, name) => `${what} ${name}?`, yes: "Yes", no: "Cancel", tooMany: "and more",
  tapFailed: "That could not be done.", close: "Close", dismiss: "Dismiss",
  brightness: "Brightness", position: "Position", volume: "Volume", speed: "Speed",
  temperature: "Temperature", humidity: "Humidity", value: "Value", mode: "Mode", level: "Level",
  warmer: "Warmer", cooler: "Cooler", more: "More", less: "Less",
  open: "Open", shut: "Close", lock: "Lock", unlock: "Unlock", start: "Start", dock: "Send home",
  play: "Play", pause: "Pause", next: "Next", previous: "Previous", run: "Activate", press: "Press",
  arm: "Arm", disarm: "Disarm", cancel: "Cancel", nothingOpen: "All done", nothingComing: "Nothing planned", now: "now", inside: "inside",
  history: "What was done", searchHistory: "Search: a room, a person, a word", nothingDone: "Nothing, as far as is kept.", older: "Older",
  results: { done: "done", failed: "failed", cancelled: "stopped", begun: "not ended" },
  doors: { page: "page", cli: "command line", api: "API", openai: "OpenAI API", mcp: "MCP", microphone: "microphone", schedule: "planned" },
  myDevice: "My device", measuring: "Measuring this machine: the first time half a minute…", busy: "Busy", memoryUsed: "Memory used",
  loaded: "loaded, nothing asked yet", notLoaded: "loaded when it is needed", tokensASecond: "tokens/s",
  firstToken: (time) => `first token after ${time}`, parts: { language: "language model", hearing: "hearing" },
  people: "People I know by voice", nobodyKnown: "Nobody yet: everybody is a guest.", since: (day) => `since ${day}`,
  forget: (name) => `Forget ${name}`, personName: "Name", learnVoice: "Learn the voice", haveRead: "I have read it",
  noLock: "This is a convenience and no lock: a recording of a voice passes. Voices are kept encrypted, on this device.",
  moods: {
    idle: "Steward is there", listening: "Steward listens", thinking: "Steward thinks", speaking: "Steward speaks",
    unsure: "Steward is not sure", away: "Steward cannot be reached",
  },
  guest: "a guest", readAloud: [
    "Turn on the lights in the living room, and close the curtains, please.",
    "What is the weather like tomorrow, and shall I take an umbrella with me?",
    "Remind me at half past seven to water the plants on the balcony.",
  ],
  sayYes: "Yes", sayNo: "No",
  sayLight: (name) => `Turn on the ${name}`, sayWeather: "What's the weather like?",
  sayLock: (name) => `Is the ${name} locked?`, sayTimer: "Set a timer for ten minutes",
  states: {
    on: "On", off: "Off", open: "Open", closed: "Closed", opening: "Opening", closing: "Closing",
    locked: "Locked", unlocked: "Unlocked", locking: "Locking", unlocking: "Unlocking", jammed: "Jammed",
    playing: "Playing", paused: "Paused", idle: "Idle", standby: "Standby", buffering: "Loading",
    heat: "Heating", cool: "Cooling", auto: "Auto", dry: "Drying", fan_only: "Fan", heat_cool: "Auto",
    eco: "Eco", performance: "Performance", electric: "Electric", gas: "Gas", heat_pump: "Heat pump", high_demand: "High demand",
    docked: "Docked", cleaning: "Cleaning", returning: "Returning", mowing: "Mowing", error: "Error",
    disarmed: "Disarmed", armed_home: "Armed, home", armed_away: "Armed, away", armed_night: "Armed, night",
    armed_vacation: "Armed, holiday", arming: "Arming", pending: "Pending", triggered: "Alarm!",
    active: "Running", unavailable: "Unavailable", unknown: "Unknown", home: "Home", not_home: "Away",
    sunny: "Sunny", "clear-night": "Clear night", cloudy: "Cloudy", partlycloudy: "Partly cloudy", rainy: "Rain",
    pouring: "Pouring", snowy: "Snow", "snowy-rainy": "Sleet", fog: "Fog", hail: "Hail", windy: "Windy",
    "windy-variant": "Windy", lightning: "Lightning", "lightning-rainy": "Thunderstorm", exceptional: "Exceptional",
    recording: "Recording", streaming: "Live", low: "Low", medium: "Medium", high: "High",
  },
  sensed: {
    door: ["Closed", "Open"], window: ["Closed", "Open"], garage_door: ["Closed", "Open"], opening: ["Closed", "Open"],
    motion: ["Still", "Motion"], occupancy: ["Empty", "Occupied"], presence: ["Away", "Home"], smoke: ["Clear", "Smoke!"],
    gas: ["Clear", "Gas!"], moisture: ["Dry", "Wet"], battery: ["Full", "Low"], lock: ["Locked", "Unlocked"],
    problem: ["Fine", "Problem"], connectivity: ["Offline", "Online"], carbon_monoxide: ["Clear", "CO!"], safety: ["Safe", "Unsafe"],
  },
};

const ZH = {
  morning: "早上好。", afternoon: "下午好。", evening: "晚上好。",
  offer: "有什么可以为您效劳？", try: "您可以说",
  talk: "对话", home: "家", placeholder: "说出来，或打字", send: "发送", message: "消息",
  hold: "点一下，或按住说话", holdHint: "点一下再说，或按住说；空格键也行",
  answerToWord: "听到唤醒词就应答", waitsForWord: "正在等唤醒词；声音只传到您自己的服务器",
  opening: "正在打开麦克风…", listening: "正在听…", release: "松开发送",
  justSpeak: "请说", tapToSend: "点一下发送", pondering: "请稍候…", tapToStop: "点一下停止",
  speaking: "正在回答…", speakOver: "可以插话，或点一下停止",
  stop: "停止", stopSpeaking: "停止播放", voiceOn: "朗读回答", voiceOff: "不朗读回答",
  language: "EN", languageLabel: "Switch to English",
  connecting: "正在连接…", offline: "连接已断开，正在重试…", restored: "已重新连接。",
  thinking: "请稍候…", sound: "一段录音",
  cancelled: "已停止。", lost: "回答到达之前连接断开了。", failed: "没有成功。",
  insecure: "麦克风只能在安全的页面上使用。", insecureHint: "请用 http://localhost 或 https 打开本页。",
  refused: "麦克风被拒绝。", refusedHint: "请在浏览器的网站设置里允许使用麦克风。",
  missing: "没有找到麦克风。", missingHint: "请连接麦克风，或改用打字。",
  broken: "无法打开麦克风。", brokenHint: "可能有别的程序正在使用它。",
  asks: (tier) => `正在问${tier}…`, answeredBy: (tier) => `由${tier}回答`, tiers: { device: "本机" },
  brought: (question, answer) => `${question} ${answer || "没有找到答案。"}`,
  whatWasSent: "发出了什么", everyByte: "原始字节", tokens: "个词元", cost: "费用", roles: { system: "指令", user: "提问", assistant: "回答" },
  trace: "过程", heard: "听到", typed: "输入", plan: "理解", act: "完成", reply: "措辞",
  voice: "首个声音", silent: "未朗读", sure: "把握", stage: "来自", failedCall: "未完成",
  askedBack: "反问", wordsOnly: "只说话", noPlan: "没有计划", ms: "毫秒",
  timerDone: (name, seconds) => `${name || chineseLength(seconds)}计时器到时间了。`,
  whole: "整个家", elsewhere: "其他", scenes: "场景", noHome: "还没有设备。",
  confirm: (what, name) => `要${what}${name}吗？`, yes: "确定", no: "取消", tooMany: "等等",
  tapFailed: "没有成功。", close: "关闭", dismiss: "知道了",
  brightness: "亮度", position: "开合", volume: "音量", speed: "风速",
  temperature: "温度", humidity: "湿度", value: "数值", mode: "模式", level: "档位",
  warmer: "调高", cooler: "调低", more: "增加", less: "减少",
  open: "打开", shut: "关闭", lock: "上锁", unlock: "开锁", start: "启动", dock: "返回充电",
  play: "播放", pause: "暂停", next: "下一首", previous: "上一首", run: "启用", press: "按下",
  arm: "布防", disarm: "撤防", cancel: "取消", nothingOpen: "全部完成", nothingComing: "没有安排", now: "现在", inside: "室内",
  history: "做过的事", searchHistory: "搜索：房间、人、词语", nothingDone: "保存的记录里没有。", older: "更早",
  results: { done: "完成", failed: "失败", cancelled: "已停止", begun: "未完成" },
  doors: { page: "页面", cli: "命令行", api: "API", openai: "OpenAI API", mcp: "MCP", microphone: "麦克风", schedule: "计划" },
  myDevice: "我的设备", measuring: "正在测量这台设备，第一次约需半分钟…", busy: "负载", memoryUsed: "已用内存",
  loaded: "已加载，还没有用过", notLoaded: "需要时加载", tokensASecond: "token/秒",
  firstToken: (time) => `首个 token ${time}`, parts: { language: "语言模型", hearing: "语音识别" },
  people: "我听得出声音的人", nobodyKnown: "还没有：大家都是客人。", since: (day) => `${day}起`,
  forget: (name) => `忘记${name}`, personName: "名字", learnVoice: "学习声音", haveRead: "读完了",
  noLock: "这只是方便，不是锁：录音也能通过。声音加密保存在本设备上。",
  moods: {
    idle: "管家在", listening: "管家在听", thinking: "管家在想", speaking: "管家在说话", unsure: "管家不确定", away: "联系不上管家",
  },
  guest: "客人", readAloud: [
    "请打开客厅的灯，再把窗帘拉上。",
    "明天天气怎么样，要不要带伞出门？",
    "晚上七点半提醒我给阳台上的花浇水。",
  ],
  sayYes: "是的", sayNo: "不要",
  sayLight: (name) => `打开${name}`, sayWeather: "今天天气怎么样？",
  sayLock: (name) => `${name}锁了吗？`, sayTimer: "设一个十分钟的计时器",
  states: {
    on: "开", off: "关", open: "已打开", closed: "已关闭", opening: "正在打开", closing: "正在关闭",
    locked: "已上锁", unlocked: "未上锁", locking: "正在上锁", unlocking: "正在开锁", jammed: "卡住",
    playing: "播放中", paused: "已暂停", idle: "空闲", standby: "待机", buffering: "加载中",
    heat: "制热", cool: "制冷", auto: "自动", dry: "除湿", fan_only: "送风", heat_cool: "自动",
    eco: "节能", performance: "高效", electric: "电热", gas: "燃气", heat_pump: "热泵", high_demand: "大量用水",
    docked: "在充电座", cleaning: "清扫中", returning: "返回中", mowing: "割草中", error: "出错",
    disarmed: "已撤防", armed_home: "在家布防", armed_away: "离家布防", armed_night: "夜间布防",
    armed_vacation: "度假布防", arming: "布防中", pending: "等待中", triggered: "报警！",
    active: "进行中", unavailable: "不可用", unknown: "未知", home: "在家", not_home: "外出",
    sunny: "晴", "clear-night": "晴夜", cloudy: "多云", partlycloudy: "局部多云", rainy: "雨",
    pouring: "大雨", snowy: "雪", "snowy-rainy": "雨夹雪", fog: "雾", hail: "冰雹", windy: "有风",
    "windy-variant": "有风", lightning: "闪电", "lightning-rainy": "雷阵雨", exceptional: "异常天气",
    recording: "录像中", streaming: "直播中", low: "低", medium: "中", high: "高",
  },
  sensed: {
    door: ["关着", "开着"], window: ["关着", "开着"], garage_door: ["关着", "开着"], opening: ["关着", "开着"],
    motion: ["没有动静", "有人移动"], occupancy: ["没人", "有人"], presence: ["外出", "在家"], smoke: ["正常", "有烟！"],
    gas: ["正常", "漏气！"], moisture: ["干燥", "潮湿"], battery: ["电量足", "电量低"], lock: ["已上锁", "未上锁"],
    problem: ["正常", "有问题"], connectivity: ["离线", "在线"], carbon_monoxide: ["正常", "一氧化碳！"], safety: ["安全", "不安全"],
  },
};

function parts(seconds) {
  const whole = Math.round(seconds);
  return [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
}

// "10-minute", or "1 hour 5 minutes" when one unit is not enough.
function englishLength(seconds) {
  const units = ["hour", "minute", "second"];
  const named = parts(seconds)
    .map((count, i) => [count, units[i]])
    .filter(([count]) => count);
  if (named.length === 1) return `${named[0][0]}-${named[0][1]}`;
  return named.map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`).join(" ");
}

function chineseLength(seconds) {
  const units = ["小时", "分钟", "秒"];
  return parts(seconds)
    .map((count, i) => (count ? `${count}${units[i]}` : ""))
    .join("");
}

export const WORDS = { en: EN, zh: ZH };

export function firstLanguage() {
  const kept = localStorage.getItem(KEY);
  if (kept in WORDS) return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function keepLanguage(language) {
  localStorage.setItem(KEY, language);
}

// The name of an area, a floor or an entity; in Chinese its first alias in Chinese characters.
export function nameOf(thing, language) {
  if (language !== "zh" || /\p{Script=Han}/u.test(thing.name)) return thing.name;
  return thing.aliases.find((alias) => /\p{Script=Han}/u.test(alias)) ?? thing.name;
}

// The name of an entity where its area is already named: "Light" for the living room light.
export function shortName(entity, area, language) {
  const name = nameOf(entity, language);
  const before = area ? nameOf(area, language) : "";
  if (!before || !name.toLowerCase().startsWith(before.toLowerCase())) return name;
  const rest = name.slice(before.length).replace(/^(['’]s)?[\s\-–—:的]+/u, "").trim() || name;
  const cut = language === "zh" || /^\s/.test(name.slice(before.length));
  return cut ? rest.charAt(0).toLocaleUpperCase(language) + rest.slice(1) : name;
}

export function greeting(words, hour) {
  return hour >= 5 && hour < 12 ? words.morning : hour >= 12 && hour < 18 ? words.afternoon : words.evening;
}

// The state of an entity in words; an unknown one is shown as it is.
export function stateWord(entity, words) {
  const { state, attributes } = entity;
  const sensed = words.sensed[attributes.device_class];
  if (entity.id.startsWith("binary_sensor.") && sensed) {
    return state === "on" ? sensed[1] : state === "off" ? sensed[0] : (words.states[state] ?? state);
  }
  return words.states[state] ?? state.replaceAll("_", " ");
}
