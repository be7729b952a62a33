// What is written about a scrape beside its samples: prometheus.io/docs/concepts/jobs_instances
import { encodeLabels } from '@tidewatch/core/encoded-labels.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import type { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import { msToSeconds } from '@tidewatch/core/time.ts'
import type { SampleAcceptor } from '../../ingest/port.ts'
import type { MetricMetadata } from '../../store/port.ts'
import type { Target } from './target.ts'

export interface ScrapeOutcome {
  readonly up: boolean
  readonly durationMs: number
  readonly scraped: number
  readonly kept: number
  readonly added: number
  /** Only with `extra_scrape_metrics`. */
  readonly extra: { readonly timeoutMs: number; readonly sampleLimit: number; readonly bodyBytes: number } | undefined
}

type Report = Omit<MetricMetadata, 'project'> & { readonly extra: boolean; value(outcome: ScrapeOutcome): number }

const reports: readonly Report[] = [
  report('up', 'Whether the target could be scraped.', (outcome) => (outcome.up ? 1 : 0)),
  report(
    'scrape_duration_seconds',
    'How long the scrape took.',
    (outcome) => msToSeconds(outcome.durationMs),
    'seconds',
  ),
  report('scrape_samples_scraped', 'Samples the target exposed.', (outcome) => outcome.scraped),
  report('scrape_samples_post_metric_relabeling', 'Samples left after relabelling.', (outcome) => outcome.kept),
  report('scrape_series_added', 'Series that were not in the scrape before.', (outcome) => outcome.added),
  extra('scrape_timeout_seconds', 'The scrape timeout.', ({ extra }) => msToSeconds(extra?.timeoutMs ?? 0), 'seconds'),
  extra('scrape_sample_limit', 'The sample limit, 0 for none.', ({ extra }) => extra?.sampleLimit ?? 0),
  extra(
    'scrape_body_size_bytes',
    'Bytes of the answer, -1 where none came.',
    ({ extra }) => extra?.bodyBytes ?? 0,
    'bytes',
  ),
]

function report(family: string, help: string, value: Report['value'], unit = ''): Report {
  return { family, help, value, unit, type: 'gauge', extra: false }
}

function extra(family: string, help: string, value: Report['value'], unit = ''): Report {
  return { ...report(family, help, value, unit), extra: true }
}

export const reportMetadata: readonly MetricMetadata[] = reports.map(({ family, type, help, unit }) => ({
  project: defaultProject,
  family,
  type,
  help,
  unit,
}))

/** The report series of one target. */
export class TargetReport {
  readonly #acceptor: SampleAcceptor
  readonly #series: readonly { readonly report: Report; readonly encoded: Buffer }[]
  /** Those of the last report that was taken: what is marked stale at the end. */
  #written: readonly Buffer[] = []

  constructor(target: Target, acceptor: SampleAcceptor) {
    this.#acceptor = acceptor
    this.#series = reports.map((one) => ({
      report: one,
      encoded: encodeLabels(target.labels.with(metricNameLabel, one.family)),
    }))
  }

  /** Adds the report to the batch. Call `commit` once it was taken. */
  add(batch: SampleBatch, atMs: number, outcome: ScrapeOutcome): void {
    const wanted = this.#wanted(outcome.extra !== undefined)
    for (const { report, encoded } of wanted) batch.add(this.#ref(encoded), atMs, report.value(outcome))
    for (const encoded of this.#written) {
      if (!wanted.some((one) => one.encoded === encoded)) batch.addBits(this.#ref(encoded), atMs, staleLow, staleHigh)
    }
  }

  commit(extra: boolean): void {
    this.#written = this.#wanted(extra).map(({ encoded }) => encoded)
  }

  /** Stale markers for all of it. */
  end(batch: SampleBatch, atMs: number): void {
    for (const encoded of this.#written) batch.addBits(this.#ref(encoded), atMs, staleLow, staleHigh)
  }

  #wanted(extra: boolean) {
    return this.#series.filter((one) => extra || !one.report.extra)
  }

  #ref(encoded: Buffer): number {
    return this.#acceptor.resolveEncoded(defaultProject, encoded, 0, encoded.length)
  }
}
