// Values as people write them in YAML, shared by the schemas of all folders through port.ts.

const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1 << 10,
  KiB: 1 << 10,
  MB: 1 << 20,
  MiB: 1 << 20,
  GB: 1 << 30,
  GiB: 1 << 30,
  TB: 2 ** 40,
  TiB: 2 ** 40,
}

/** Bytes of `15MB`; units are powers of 1024 as Prometheus takes them. Undefined where it is not a size. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?i?B)?$/.exec(text.trim())
  const unit = match === null ? undefined : sizeUnits[match[2] ?? 'B']
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit)
}

/** What to tell who wrote a duration that is none. */
export function durationAdvice(text: string): string {
  return /^\d+$/.test(text)
    ? `not a duration. Write a unit: ${text}s`
    : 'not a duration. Write one such as 15s, 5m or 1h30m'
}
