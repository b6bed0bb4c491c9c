import { drafts } from "../office/drafts.js";
import { once } from "../office/once.js";

drafts();
once();
