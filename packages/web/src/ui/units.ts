// How values read: number, space, unit, three significant figures. Durations in two units, bytes in powers of 1024.

/** What a value measures; `seconds` and `bytes` are scaled, `ratio` of 1 is shown in per cent. */
export type Unit = 'number' | 'seconds' | 'bytes' | 'bytes/s' | 'ratio' | '/s'

export const units: readonly { readonly unit: Unit; readonly title: string }[] = [
  { unit: 'number', title: 'number' },
  { unit: 'seconds', title: 'seconds' },
  { unit: 'bytes', title: 'bytes' },
  { unit: 'bytes/s', title: 'bytes per second' },
  { unit: 'ratio', title: 'per cent (of 1)' },
  { unit: '/s', title: 'per second' },
]

const thousands = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const binaryPrefixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const
const decimalPrefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'] as const

/** A value in a cell: `2.61 s`, `0.31 %`, `1,184 /s`, `22 min 44 s`. What is not finite says so. */
export function formatValue(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return 'not a number'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  switch (unit) {
    case 'seconds':
      return formatSeconds(value)
    case 'bytes':
      return formatBytes(value)
    case 'bytes/s':
      return `${formatBytes(value)}/s`
    case 'ratio':
      return `${formatNumber(value * 100)} %`
    case '/s':
      return `${formatNumber(value)} /s`
    case 'number':
      return formatNumber(value)
    default:
      return unit satisfies never
  }
}

/** Three significant figures; whole below a million, then with a prefix. */
export function formatNumber(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 1e6) {
    const power = Math.min(Math.floor(Math.log10(size) / 3), decimalPrefixes.length - 1)
    return `${significant(value / 1000 ** power)} ${decimalPrefixes[power]}`
  }
  if (size >= 100) return minus(thousands.format(value))
  if (size < 1e-3)
    return minus(
      value
        .toExponential(2)
        .replace('e-', '×10⁻')
        .replace(/⁻(\d+)$/, (_, digits) => `⁻${superscript(digits)}`),
    )
  return significant(value)
}

/** Bytes with their binary prefix: `41.2 GiB`. */
function formatBytes(value: number): string {
  const size = Math.abs(value)
  const power = size < 1 ? 0 : Math.min(Math.floor(Math.log2(size) / 10), binaryPrefixes.length - 1)
  return `${significant(value / 1024 ** power)} ${binaryPrefixes[power]}B`
}

/** A duration in seconds, in at most two units: `184 ms`, `2.61 s`, `22 min 44 s`, `3 d 4 h`. */
export function formatSeconds(value: number): string {
  const size = Math.abs(value)
  const sign = value < 0 ? '−' : ''
  if (size === 0) return '0 s'
  if (size < 1e-6) return `${sign}${significant(size * 1e9)} ns`
  if (size < 1e-3) return `${sign}${significant(size * 1e6)} µs`
  if (size < 1) return `${sign}${significant(size * 1e3)} ms`
  if (size < 60) return `${sign}${significant(size)} s`
  return sign + twoUnits(Math.round(size))
}

const steps = [
  { seconds: 86_400, name: 'd' },
  { seconds: 3600, name: 'h' },
  { seconds: 60, name: 'min' },
  { seconds: 1, name: 's' },
] as const

function twoUnits(wholeSeconds: number): string {
  const first = steps.findIndex((step) => wholeSeconds >= step.seconds)
  const [big, small] = [steps[first], steps[first + 1]]
  if (big === undefined) return '0 s'
  const count = Math.floor(wholeSeconds / big.seconds)
  const rest = small === undefined ? 0 : Math.floor((wholeSeconds % big.seconds) / small.seconds)
  return rest === 0 || small === undefined ? `${count} ${big.name}` : `${count} ${big.name} ${rest} ${small.name}`
}

/** How long ago, coarser the longer it is: `4 s`, `8 min`, `3 h`, `2 d`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const step = steps.find((candidate) => seconds >= candidate.seconds)
  return step === undefined ? '0 s' : `${Math.floor(seconds / step.seconds)} ${step.name}`
}

function significant(value: number): string {
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2
  const text = size < 0.1 && size > 0 ? value.toPrecision(3) : value.toFixed(digits)
  return minus(text.includes('.') ? text.replace(/\.?0+$/, '') : text)
}

const minus = (text: string): string => text.replace(/^-/, '−')
const superscript = (digits: string): string => [...digits].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')
