import { drafts } from "../office/drafts.js";
import { once } from "../office/once.js";
import { report } from "../office/report.js";

drafts();
once();
report();
