/** What a test needs of GitHub's parser of actions. */
export { parseAction } from "@actions/workflow-parser/actions/index";
export { NoOperationTraceWriter } from "@actions/workflow-parser/templates/trace-writer";
