// What the labels of a stream say of its lines.
import { type LogColumn, logColumns, logFieldNames } from '@tidewatch/core/log-fields.ts'
import { logIdentityFields } from '@tidewatch/core/log-record.ts'
import { severityOfLevel } from '@tidewatch/core/log-severity.ts'
import { labelName } from '@tidewatch/logquery/logql/line-labels.ts'
import { type ByteRange, ByteTable } from '../../byte-table.ts'
import type { PushedStream } from '../logs/pushed-line.ts'

export type LokiStream = PushedStream

/**
 * Where a stream without `service_name` names its service, the first that is there: Loki's own default
 * (https://grafana.com/docs/loki/latest/configure/#limits_config, discover_service_name).
 */
const serviceLabels = [
  ...['service_name', 'service', 'app', 'application', 'app_name', 'name', 'app_kubernetes_io_name', 'container'],
  ...['container_name', 'k8s_container_name', 'component', 'workload', 'job', 'k8s_job_name'],
]

/** The columns by the names that senders give them, as labels. */
const columnOfLabel: ReadonlyMap<string, LogColumn> = new Map([
  ...logColumns.flatMap((column) => logFieldNames[column].map((name) => [labelName(name), column] as const)),
  ['detected_level', 'severity'] as const,
])

export function streamOf(labels: ReadonlyMap<string, string>): LokiStream {
  const found = new Map<LogColumn, string>()
  for (const [name, value] of labels) {
    const column = columnOfLabel.get(name)
    if (column !== undefined && column !== 'service' && !found.has(column)) found.set(column, value)
  }
  const naming = serviceLabels.find((name) => labels.has(name))
  if (naming !== undefined) found.set('service', labels.get(naming) ?? '')
  return {
    labels,
    severity: severityOfLevel(found.get('severity') ?? ''),
    identity: logIdentityFields.map((field) => found.get(field) ?? ''),
  }
}

/** More are learnt anew. */
const maxKnown = 10_000

/** Streams by the bytes of their labels' text, as senders repeat them. */
export class KnownStreams {
  readonly #streams = new ByteTable<LokiStream>()
  #count = 0

  get(labels: ByteRange): LokiStream | undefined {
    return this.#streams.get(labels)
  }

  add(labels: ByteRange, stream: LokiStream): void {
    if (this.#count++ === maxKnown) {
      this.#streams.clear()
      this.#count = 0
    }
    this.#streams.set(labels, stream)
  }
}
