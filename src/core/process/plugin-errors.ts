/**
 * Leaves out what the SDK's plugin prints about an error of check, diff, read or delete: the engine reports the same error under the resource, and
 * would show the print under the stack as well. Returns a function that receives each error before it reaches the plugin. An error with a stack
 * is a fault of this package and is printed.
 */
export function quietPlugin(output: Pick<Console, "error"> = console): (error: Error) => void {
  const reported = new Set<unknown>();
  const print = output.error.bind(output);
  output.error = (...args: unknown[]) => {
    if (!reported.delete(args[0])) print(...args);
  };
  return (error) => {
    if (error.stack === "") reported.add(`${error}: ${error.stack}`);
  };
}
