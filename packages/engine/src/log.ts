/** One line of JSON on stderr; the supervisor in the server reads them and puts them into its own log. */
export function log(
  level: 'debug' | 'info' | 'warn' | 'error',
  event: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  process.stderr.write(`${JSON.stringify({ level, event, ...fields })}\n`)
}
