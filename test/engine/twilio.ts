export { type Call, found, type Outside, outside } from "../../tools/lab/outside.mts";
