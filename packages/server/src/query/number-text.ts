// Times and values as Prometheus's JSON and its text format have them. Called once a cell.

/** Seconds with ms: `1435781451.781`. */
export function timeText(atMs: number): string {
  const whole = Math.floor(atMs / 1000)
  const rest = atMs - whole * 1000
  if (rest === 0) return String(whole)
  // a negative time is written from zero on, as numbers are
  if (atMs < 0) return String(atMs / 1000)
  return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`
}

/** As Go writes it there; JavaScript's shortest form has the same exponents. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  if (value === 0 && Object.is(value, -0)) return '-0'
  return String(value)
}
