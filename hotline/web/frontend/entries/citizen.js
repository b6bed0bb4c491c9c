// The citizen's page: its few scripts.
import { once } from "../office/once.js";

once();
