// Values as people write them in YAML, shared by the schemas of all folders through port.ts.

/** What to tell who wrote a duration that is none. */
export function durationAdvice(text: string): string {
  return /^\d+$/.test(text)
    ? `not a duration. Write a unit: ${text}s`
    : 'not a duration. Write one such as 15s, 5m or 1h30m'
}
