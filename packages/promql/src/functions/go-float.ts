const decimal = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/
const infinite = /^([+-]?)inf(?:inity)?$/i

/** A number as Go's ParseFloat reads it from a label: decimal, `+Inf`, `NaN`; undefined where it is none. */
export function parseGoFloat(text: string): number | undefined {
  if (decimal.test(text)) return Number(text.replaceAll('_', ''))
  const match = infinite.exec(text)
  if (match !== null) return match[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return /^nan$/i.test(text) ? Number.NaN : undefined
}
