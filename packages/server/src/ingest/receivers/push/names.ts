// Names of metrics that come with a namespace, as the exporters of CloudWatch's metrics for Prometheus write them:
// MalarMarket, RequestCount is malar_market_request_count.

/** `RequestCount` is `request_count`; what no name may have becomes an underscore. */
export function snakeCase(name: string): string {
  const made = name
    .replace(/%/g, '_percent')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/__+/g, '_')
    .replace(/^_|_$/g, '')
  return /^\d/.test(made) ? `_${made}` : made
}

/** Undefined where nothing is left of the name. */
export function namespacedName(namespace: string, name: string): string | undefined {
  const last = snakeCase(name)
  if (last === '') return undefined
  const first = snakeCase(namespace)
  return first === '' ? last : `${first}_${last}`.replace(/__+/g, '_')
}
