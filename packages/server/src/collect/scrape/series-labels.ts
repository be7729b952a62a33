// The labels under which a series of a target is kept, or why it is not.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { LabelDraft } from '../relabel.ts'
import type { ScrapeJob } from './job.ts'
import type { Target } from './target.ts'

/** The series' labels beside the target's, and relabelled. Undefined: dropped. */
export function seriesLabels(flat: readonly string[], target: Target, job: ScrapeJob): LabelDraft | undefined {
  const written = new Map<string, string>()
  for (let i = 0; i < flat.length; i += 2) written.set(flat[i], flat[i + 1])
  const labels: LabelDraft = new Map([...written].filter(([, value]) => value !== ''))
  const conflicting: [string, string][] = []
  for (const [name, value] of target.labels.entries()) {
    // with honor_labels an empty label counts as written: so a federated series without the label stays without it
    if (job.honorLabels && written.has(name)) continue
    const exposed = labels.get(name)
    if (exposed !== undefined) conflicting.push([name, exposed])
    labels.set(name, value)
  }
  for (const [name, value] of conflicting.sort(([a], [b]) => a.length - b.length)) {
    let renamed = `exported_${name}`
    while (labels.has(renamed)) renamed = `exported_${renamed}`
    labels.set(renamed, value)
  }
  if (!job.metricRelabel(labels) || labels.size === 0) return undefined
  if (!labels.has(metricNameLabel)) {
    throw limitError(`the series ${quoteValue(written.get(metricNameLabel))} has no name after relabelling`)
  }
  if (!job.utf8Names) checkLegacyNames(labels)
  return labels
}

const legacyMetricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const legacyLabelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/

function checkLegacyNames(labels: LabelDraft): void {
  const metric = labels.get(metricNameLabel) ?? ''
  if (!legacyMetricName.test(metric))
    throw limitError(`the metric name ${quoteValue(metric)} is none under metric_name_validation_scheme: legacy`)
  for (const name of labels.keys())
    if (!legacyLabelName.test(name))
      throw limitError(`the label name ${quoteValue(name)} is none under metric_name_validation_scheme: legacy`)
}

/** Prometheus checks the labels as they come, the metric name among them. */
export function checkLabelLimits(flat: readonly string[], job: ScrapeJob): void {
  const { labels, labelNameLength, labelValueLength } = job.limits
  const name = quoteValue(flat[flat.indexOf(metricNameLabel) + 1])
  const count = flat.length / 2
  if (labels > 0 && count > labels) throw limitError(`${count} labels on ${name}; label_limit is ${labels}`)
  for (let i = 0; i < flat.length; i += 2) {
    const label = quoteValue(flat[i], 40)
    const nameBytes = Buffer.byteLength(flat[i])
    const valueBytes = Buffer.byteLength(flat[i + 1])
    if (labelNameLength > 0 && nameBytes > labelNameLength) {
      throw limitError(
        `the label name ${label} on ${name} has ${nameBytes} bytes; label_name_length_limit is ${labelNameLength}`,
      )
    }
    if (labelValueLength > 0 && valueBytes > labelValueLength) {
      throw limitError(
        `the value of ${label} on ${name} has ${valueBytes} bytes; label_value_length_limit is ${labelValueLength}`,
      )
    }
  }
}

export function limitError(message: string): AppError {
  return new AppError('collect.limit', message)
}
