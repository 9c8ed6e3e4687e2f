// The templates of the page: htm on preact.

import htm from "./vendor/htm.module.js";
import { h } from "./vendor/preact.module.js";

export const html = htm.bind(h);
