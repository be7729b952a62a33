// The stand-in's targets and rules: one of each state that the page has to show.

const iso = (atMs: number): string => new Date(atMs).toISOString()

export function fakeTargets(nowMs: number) {
  const target = (
    job: string,
    instance: string,
    health: 'up' | 'down' | 'unknown',
    rest: Record<string, unknown> = {},
  ) => ({
    discoveredLabels: { __address__: instance, __metrics_path__: '/metrics', __scheme__: 'http' },
    labels: { instance, job },
    scrapePool: job,
    scrapeUrl: `http://${instance}/metrics`,
    globalUrl: `http://${instance}/metrics`,
    lastError: '',
    lastScrape: iso(nowMs - 4000),
    lastScrapeDuration: 0.0123,
    health,
    scrapeInterval: '15s',
    scrapeTimeout: '10s',
    ...rest,
  })
  return [
    target('tidewatch', '127.0.0.1:4900', 'up'),
    ...Array.from({ length: 6 }, (_, i) =>
      target('api', `10.0.0.${i + 1}:8080`, 'up', {
        lastScrapeDuration: 0.01 * (i + 1),
        lastScrape: iso(nowMs - 1000 * i),
      }),
    ),
    target('indexer', '10.0.0.9:9102', 'down', {
      lastError: 'Get "http://10.0.0.9:9102/metrics": dial tcp 10.0.0.9:9102: connect: connection refused',
      lastScrapeDuration: 0.0004,
    }),
    target('postgres', '10.0.0.20:9187', 'unknown', { lastScrape: '0001-01-01T00:00:00Z', lastScrapeDuration: 0 }),
  ]
}

/** What relabelling dropped. */
export const fakeDroppedTargets = ['10.0.0.30:8080', '10.0.0.31:8080'].map((address) => ({
  discoveredLabels: {
    __address__: address,
    __meta_zone: 'eu-2',
    __metrics_path__: '/metrics',
    __scheme__: 'http',
    job: 'api',
  },
  scrapePool: 'api',
}))

/** Two rules of the job api: one sets a label, one drops what is in another zone. */
export function fakeRelabelSteps(labels: Readonly<Record<string, string>>) {
  const rule = { separator: ';', regex: '(.*)', replacement: '$1', action: 'replace' }
  const host = (labels.__address__ ?? '').split(':')[0] ?? ''
  const keep = labels.__meta_zone !== 'eu-2'
  return [
    {
      rule: { ...rule, source_labels: ['__address__'], regex: '(.*):.*', target_label: 'host' },
      output: { ...labels, host },
      keep: true,
    },
    {
      rule: { ...rule, source_labels: ['__meta_zone'], regex: 'eu-2', action: 'drop' },
      output: keep ? { ...labels, host } : {},
      keep,
    },
    { rule: { ...rule, regex: 'host_.*', action: 'labeldrop' }, output: keep ? { ...labels, host } : {}, keep },
  ]
}

const alertOf = (name: string, severity: string, rest: Record<string, string>) => ({
  alertname: name,
  severity,
  ...rest,
})

function firingAlert(nowMs: number) {
  return {
    labels: alertOf('IndexerHighLag', 'critical', { chain: 'ethereum', service: 'indexer', environment: 'production' }),
    annotations: {
      summary: 'Ethereum indexer is 22 min 44 s behind the chain',
      description: 'New orders are not shown to users until it catches up.',
      runbook_url: 'https://example.org/runbooks/indexer-behind',
    },
    state: 'firing',
    activeAt: iso(nowMs - 8 * 60_000),
    value: '1.364e+03',
  }
}

function pendingAlert(nowMs: number) {
  return {
    labels: alertOf('SlowApiResponse', 'warning', { route: 'POST /v1/escrow/release' }),
    annotations: { summary: 'p95 of POST /v1/escrow/release is over 2 s' },
    state: 'pending',
    activeAt: iso(nowMs - 4 * 60_000),
    value: '2.61e+00',
  }
}

const duplicates =
  'found duplicate series for the match group {instance="10.0.0.1:8080"} on the right hand-side of the operation'

export function fakeRules(nowMs: number, firing: boolean) {
  const evaluated = { health: 'ok', evaluationTime: 0.0021, lastEvaluation: iso(nowMs - 3000), lastError: '' }
  const quiet = { duration: 600, keepFiringFor: 0, annotations: {}, alerts: [], state: 'inactive', ...evaluated }
  const alerting = (name: string, query: string, severity: string) => ({
    type: 'alerting',
    name,
    query,
    labels: { severity },
    ...quiet,
  })
  const [lag, slow] = [firingAlert(nowMs), pendingAlert(nowMs)]
  const active = (alert: { state: string; annotations: object }) =>
    firing ? { state: alert.state, alerts: [alert], annotations: alert.annotations } : {}
  const p95 = 'histogram_quantile(0.95, sum by (le, route) (rate(api_latency_seconds_bucket[5m])))'
  const chain = [
    { ...alerting('IndexerHighLag', 'max by (chain) (indexer_block_lag_seconds) > 300', 'critical'), ...active(lag) },
    alerting('GasSpike', 'eth_gas_price_gwei > 2 * avg_over_time(eth_gas_price_gwei[1d])', 'info'),
  ]
  const api = [
    { ...alerting('SlowApiResponse', `${p95} > 2`, 'warning'), ...active(slow) },
    { ...alerting('ApiDown', 'up{job="api"} == 0', 'critical'), duration: 120 },
    {
      type: 'recording',
      name: 'route:api_requests:rate5m',
      query: 'sum by (route) (rate(api_requests_total[5m]))',
      ...evaluated,
    },
    {
      type: 'recording',
      name: 'job:errors:ratio',
      query: 'api_errors_total / api_requests_total',
      ...evaluated,
      ...(firing ? { health: 'err', lastError: duplicates } : {}),
    },
  ]
  const group = (name: string, interval: number, rules: readonly unknown[]) => ({
    name,
    file: `/etc/tidewatch/rules/${name}.yml`,
    interval,
    evaluationTime: 0.004,
    lastEvaluation: iso(nowMs - 3000),
    rules,
  })
  return [group('chain', 15, chain), group('api', 30, api)]
}
