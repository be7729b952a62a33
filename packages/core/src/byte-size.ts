const units: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1 << 10,
  KiB: 1 << 10,
  MB: 1 << 20,
  MiB: 1 << 20,
  GB: 1 << 30,
  GiB: 1 << 30,
  TB: 2 ** 40,
  TiB: 2 ** 40,
  PB: 2 ** 50,
  PiB: 2 ** 50,
}

/** Bytes of `15MB`; units are powers of 1024 as Prometheus takes them. Undefined where it is not a size. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGTP]?i?B)?$/.exec(text.trim())
  const unit = match === null ? undefined : units[match[2] ?? 'B']
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit)
}

/** Bytes in the largest unit that they are a whole number of: `10GB`. */
export function formatByteSize(bytes: number): string {
  for (const unit of ['PB', 'TB', 'GB', 'MB', 'KB'])
    if (bytes > 0 && bytes % units[unit] === 0) return `${bytes / units[unit]}${unit}`
  return `${bytes}B`
}
