// Values that teams name without saying where they come from: what HTTP servers, hosts and the errors module write under the usual names.

/** Given a window as a duration; percentages are 0 to 100, ratios 0 to 1, times seconds. */
type KnownValue = (window: string) => string

const requestCounters = ['http_requests_total', 'api_requests_total', 'requests_total']
const requestDurations = [
  'http_request_duration_seconds',
  'http_server_request_duration_seconds',
  'api_request_duration_seconds',
  'request_duration_seconds',
]
const statusLabels = ['status', 'status_code', 'code']

/** The first that is there: two families are never added up, since one may count what the other does. */
const firstOf = (exprs: readonly string[]): string => exprs.join(' or ')

const failedRequests = (window: string): string =>
  firstOf(
    requestCounters.flatMap((name) => statusLabels.map((label) => `sum(rate(${name}{${label}=~"5.."}[${window}]))`)),
  )
const allRequests = (window: string): string => firstOf(requestCounters.map((name) => `sum(rate(${name}[${window}]))`))
const errorRatio: KnownValue = (window) => `(${failedRequests(window)}) / (${allRequests(window)})`
const responseTime: KnownValue = (window) =>
  firstOf(requestDurations.map((name) => `histogram_quantile(0.95, sum by (le) (rate(${name}_bucket[${window}])))`))
const diskUsage: KnownValue = () => '100 * (1 - node_filesystem_avail_bytes / (node_filesystem_size_bytes > 0))'
const memoryUsage: KnownValue = () => '100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)'
const cpuUsage: KnownValue = (window) =>
  `100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[${window}])))`

/** By name. A metric or a value of the team's own with the name goes before. */
export const knownValues: Readonly<Record<string, KnownValue>> = {
  api_response_time: responseTime,
  response_time: responseTime,
  error_rate: errorRatio,
  disk_space: diskUsage,
  disk_usage: diskUsage,
  memory_usage: memoryUsage,
  cpu_usage: cpuUsage,
  database_connection: (window) => `sum(${errorIncrease('database', window)})`,
}

/** The counter that the errors module feeds, by category; `rules` reads nothing else of it. */
export const errorCounter = 'tidewatch_errors_total'

export function errorIncrease(category: string | undefined, window: string): string {
  return `increase(${errorCounter}${category === undefined ? '' : `{category=${JSON.stringify(category)}}`}[${window}])`
}
