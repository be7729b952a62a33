/** As Go's 'g' format with the shortest digits writes it, and with it every exposition of Prometheus's clients: 1e+06, 0.25, +Inf. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [digits, exponentText] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent >= -4 && exponent < 6) return String(value)
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return `${digits}e${exponent < 0 ? '-' : '+'}${size}`
}

/** The same where whole numbers have a point (1.0), as OpenMetrics and Prometheus 3 write the labels `le` and `quantile`. */
export function formatBound(value: number): string {
  if (value === 0) return '0.0'
  const text = formatFloat(value)
  return Number.isFinite(value) && !/[.e]/.test(text) ? `${text}.0` : text
}
