import { once } from "../office/once.js";

once();
