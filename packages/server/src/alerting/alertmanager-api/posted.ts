// Alerts as senders post them, by API v2 and by the old v1.
import { isLabelName } from '@tidewatch/alertmanager/label-name.ts'
import type { MatcherMode } from '@tidewatch/alertmanager/port.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { Alert } from '../port.ts'
import { readTime } from './answers.ts'

export const maxPostedAlerts = 20_000
const maxLabels = 256
const maxTextLength = 64 * 1024

export interface PostedAlerts {
  readonly good: readonly Alert[]
  /** What is wrong with the others: the good ones are taken all the same. */
  readonly problems: readonly string[]
}

/** A thing that the API's description forbids: refused as a whole, with a code of its own. */
export class MissingField extends Error {
  readonly field: string

  constructor(field: string) {
    super(`${field} in body is required`)
    this.field = field
  }
}

/** Throws `http.invalid` for what is no list of alerts, and `MissingField`. */
export function readPostedAlerts(body: unknown, { mode, nowMs }: { mode: MatcherMode; nowMs: number }): PostedAlerts {
  if (!Array.isArray(body)) throw invalid('the body is not a list of alerts.', 'body')
  if (body.length > maxPostedAlerts)
    throw invalid(`there are ${body.length} alerts; at most ${maxPostedAlerts} are taken at once.`, 'body')
  const good: Alert[] = []
  const problems: string[] = []
  for (const [i, one] of body.entries()) {
    const alert = readAlert(one, `${i}`, nowMs)
    const fault = faultOf(alert, mode)
    if (fault === undefined) good.push(alert)
    else problems.push(`alert ${i}: ${fault}`)
  }
  return { good, problems }
}

function readAlert(value: unknown, place: string, nowMs: number): Alert {
  if (typeof value !== 'object' || value === null) throw invalid(`alert ${place} is no object.`, place)
  const { labels, annotations, startsAt, endsAt, generatorURL } = value as Readonly<Record<string, unknown>>
  if (labels === undefined || labels === null) throw new MissingField(`${place}.labels`)
  if (generatorURL !== undefined && typeof generatorURL !== 'string')
    throw invalid('generatorURL is no text.', `${place}.generatorURL`)
  const endsAtMs = readTime(endsAt, `${place}.endsAt`)
  return {
    labels: Labels.from(readTexts(labels, `${place}.labels`)),
    annotations: readTexts(annotations ?? {}, `${place}.annotations`),
    startsAtMs: readTime(startsAt, `${place}.startsAt`) ?? endsAtMs ?? nowMs,
    endsAtMs,
    generatorUrl: generatorURL ?? '',
  }
}

function readTexts(value: unknown, place: string): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('these are no labels.', place)
  const texts: Record<string, string> = Object.create(null)
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw invalid(`the value of ${quoteValue(name)} is no text.`, place)
    texts[name] = text
  }
  return texts
}

function faultOf({ labels, annotations, startsAtMs, endsAtMs }: Alert, mode: MatcherMode): string | undefined {
  if (endsAtMs !== undefined && endsAtMs < startsAtMs) return 'it ends before it starts.'
  if (labels.size === 0) return 'at least one label with a value is required.'
  const pairs = [...labels.entries(), ...Object.entries(annotations)]
  if (pairs.length > maxLabels) return `it has ${pairs.length} labels and annotations; at most ${maxLabels}.`
  for (const [name, value] of pairs) {
    if (!isLabelName(name, mode)) return `${quoteValue(name)} is not a label name.`
    if (!value.isWellFormed()) return `the value of ${quoteValue(name)} is not UTF-8 text.`
    if (value.length > maxTextLength) return `the value of ${quoteValue(name)} is longer than ${maxTextLength}.`
  }
  return undefined
}

const invalid = (message: string, key: string): AppError => new AppError('http.invalid', message, { where: { key } })
