// The stand-in's figures of series, labels and jobs.

const hourMs = 3_600_000
const nothing = { series: 0, active: 0, labelPairs: 0, metrics: [], labels: [], jobs: [], proposals: [] }

/** `GET /cardinality`. */
export function fakeCardinality(nowMs: number, empty: boolean): object {
  const thisHour = Math.floor(nowMs / hourMs)
  const hours = Array.from({ length: 24 }, (_, i) => ({
    startMs: (thisHour - 23 + i) * hourMs,
    created: empty ? 0 : i % 6 === 5 ? 840 : 35 + i,
  }))
  const churn = { sinceMs: (thisHour - 23) * hourMs, hours, metrics: [], jobs: [] }
  if (empty) return { atMs: nowMs, ...nothing, churn }
  return {
    ...{ atMs: nowMs, series: 48_210, active: 41_077, labelPairs: 9120 },
    metrics: [
      { name: 'http_request_duration_seconds_bucket', count: 18_400 },
      { name: 'cart_items_by_user', count: 6200 },
      { name: 'node_cpu_seconds_total', count: 512 },
      { name: 'up', count: 3 },
    ],
    labels: [
      { name: 'user_id', values: 6200, series: 6200, bytes: 223_200 },
      { name: 'pod', values: 480, series: 38_000, bytes: 1_140_000 },
      { name: 'le', values: 14, series: 18_400, bytes: 73_600 },
    ],
    jobs: [
      fakeJob('api', 38_100, { samples: 10_000, labels: 30, labelNameLength: 0, labelValueLength: 0 }),
      fakeJob('host', 2200, { samples: 0, labels: 0, labelNameLength: 0, labelValueLength: 0 }),
      fakeJob('lambda', 900, undefined),
    ],
    churn: {
      ...churn,
      metrics: [{ name: 'http_request_duration_seconds_bucket', count: 3900 }],
      jobs: [{ name: 'api', count: 4050 }],
    },
    proposals: [
      {
        ...{ kind: 'labeldrop', job: 'api', label: 'pod_template_hash', values: 212, series: 19_100, saved: 17_300 },
        scraped: true,
        rule: '# scrape_configs, job_name: api\nmetric_relabel_configs:\n  - regex: pod_template_hash\n    action: labeldrop\n',
      },
      {
        ...{ kind: 'drop', job: 'lambda', label: 'user_id', metric: 'cart_items_by_user', values: 6200 },
        ...{ series: 6200, saved: 6200, scraped: false },
        rule: '# at the sender of the job lambda, in its remote_write\nwrite_relabel_configs:\n  - source_labels: [__name__]\n    regex: cart_items_by_user\n    action: drop\n',
      },
    ],
  }
}

function fakeJob(job: string, series: number, limits: object | undefined): object {
  return {
    ...{
      job,
      series,
      active: series - 70,
      targets: 4,
      largestTarget: { instance: '10.0.0.1:8080', active: series / 4 },
    },
    ...{ labels: 12, labelNameLength: 24, labelValueLength: 180 },
    ...(limits === undefined ? {} : { limits }),
  }
}

/** `GET /cardinality/labels/:name`. */
export function fakeLabelValues(name: string): object {
  const top = Array.from({ length: 40 }, (_, i) => ({ name: `${name}-${i}`, count: 400 - i * 9 }))
  return { name, values: 480, top }
}
