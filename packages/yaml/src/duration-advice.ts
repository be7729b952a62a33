// What is said of a duration that is none, wherever it was written.

/** What to tell who wrote a duration that is none. */
export function durationAdvice(text: string): string {
  if (/^\d+$/.test(text)) return `not a duration. Write a unit: ${text}s`
  if (/^(?:\d+(?:ms|[ywdhms]))+$/.test(text))
    return 'not a duration. Units stand from large to small, each once, and all is less than 292 years'
  return 'not a duration. Write one such as 15s, 5m or 1h30m'
}
