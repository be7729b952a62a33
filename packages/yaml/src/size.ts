// Sizes as Prometheus's units package has them: powers of 1024, `15MB` and `15MiB` alike, several parts allowed.

const prefixes = ['', 'K', 'M', 'G', 'T', 'P', 'E'] as const

/** Bytes; undefined where it is no size. A number needs a unit; `0` alone is allowed. */
export function parseBase2Bytes(text: string): number | undefined {
  return parseWith(text, 'iB') ?? parseWith(text, 'B')
}

function parseWith(text: string, suffix: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1
  const rest = text.replace(/^[-+]/, '')
  if (rest === '0') return 0
  const parts = [...rest.matchAll(/(\d*\.?\d*)([^\d.]+)/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== rest) return undefined
  let bytes = 0
  for (const [, number, unit] of parts) {
    const factor = unitBytes(unit as string, suffix)
    if (factor === undefined || !/\d/.test(number as string)) return undefined
    bytes += Number(number) * factor
  }
  return sign * Math.trunc(bytes)
}

function unitBytes(unit: string, suffix: string): number | undefined {
  if (unit === 'B') return 1
  const power = prefixes.findIndex(
    (prefix) => prefix !== '' && (unit === prefix + suffix || (prefix === 'K' && unit === `k${suffix}`)),
  )
  return power < 0 ? undefined : 1024 ** power
}

/** `10MiB`; parts that are not whole in a larger unit stand behind it: `1KiB512B`. */
export function formatBase2Bytes(bytes: number): string {
  const parts: string[] = []
  let rest = bytes
  for (const [i, prefix] of prefixes.entries()) {
    if (rest % 1024 !== 0 || (i === 0 && rest === 0)) parts.unshift(`${rest % 1024}${i === 0 ? 'B' : `${prefix}iB`}`)
    rest = Math.trunc(rest / 1024)
    if (rest === 0) break
  }
  return parts.join('')
}
