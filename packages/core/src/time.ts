/** Prometheus durations: `1d12h`, `15s`, `1m30s`, `100ms`; units ms s m h d w y, largest first, each once. */
const durationPattern = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/
const unitMs = [31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1] as const
const unitNames = ['y', 'w', 'd', 'h', 'm', 's', 'ms'] as const

/** Prometheus counts durations in nanoseconds of 64 bits: some 292 years, no more. */
const maxDurationMs = Math.floor(2 ** 63 / 1e6)

/** Milliseconds, or undefined where the text is not a Prometheus duration. A bare `0` is allowed, as in Prometheus. */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0') return 0
  const match = text === '' ? null : durationPattern.exec(text)
  if (match === null) return undefined
  let total = 0
  for (const [i, factor] of unitMs.entries()) total += Number(match[i + 1] ?? 0) * factor
  return total <= maxDurationMs ? total : undefined
}

/** The shortest Prometheus duration for whole milliseconds: `90000` is `1m30s`. */
export function formatDurationMs(ms: number): string {
  if (ms === 0) return '0s'
  let rest = Math.abs(ms)
  let text = ms < 0 ? '-' : ''
  for (const [i, factor] of unitMs.entries()) {
    const name = unitNames[i] as string
    // years and weeks only where they are exact, as Prometheus prints them
    if ((name === 'y' || name === 'w') && rest % factor !== 0) continue
    const count = Math.floor(rest / factor)
    if (count > 0) text += `${count}${name}`
    rest -= count * factor
  }
  return text
}

/** Seconds as Prometheus's API takes and gives them; to milliseconds, rounded. */
export const secondsToMs = (seconds: number): number => Math.round(seconds * 1000)
export const msToSeconds = (ms: number): number => ms / 1000
