// What an application's call does: an alert begins, goes on, ends, or changes its severity.
import { createHash } from 'node:crypto'
import { fingerprintOf } from '@tidewatch/alertmanager/fingerprint.ts'
import type { PostedAlert, PostedAlertAnswer } from '@tidewatch/api/posted-alerts.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { severities, severityOf } from '@tidewatch/core/severity.ts'
import type { Alert, AlertSink } from '../port.ts'
import type { PostedRow, PostedRows } from './state.ts'

export interface RaiseOptions {
  readonly rows: PostedRows
  readonly sink: AlertSink
  readonly clock: Clock
}

/** Alerts of applications that fire at one time: more are a loop gone wild. */
const maxPosted = 10_000
/** An alert stands in messages and in rows; logs are the place for more. */
const maxDataBytes = 16_384

export class PostedAlerts {
  readonly #options: RaiseOptions
  /** One at a time: two calls of one key must see one another. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: RaiseOptions) {
    this.#options = options
  }

  /** Resolves once the alert is kept. Throws `http.invalid`, and `http.busy` where too many fire. */
  take(posted: PostedAlert): Promise<PostedAlertAnswer> {
    checkPosted(posted)
    const turn = this.#last.then(() => this.#take(posted))
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #take(posted: PostedAlert): Promise<PostedAlertAnswer> {
    const { rows, clock } = this.#options
    const nowMs = clock.nowMs()
    const key = keyOf(posted)
    const known = await rows.find(key, nowMs)
    return posted.status === 'resolved'
      ? this.#end({ posted, key, known }, nowMs)
      : this.#raise({ posted, key, known }, nowMs)
  }

  async #raise({ posted, key, known }: Call, nowMs: number): Promise<PostedAlertAnswer> {
    const { rows, sink } = this.#options
    if (known === undefined) await this.#makeRoom(nowMs)
    const labels = labelsOf(posted)
    const isSame = known !== undefined && Labels.from(known.labels).key() === labels.key()
    const startsAtMs = isSame ? known.startsAtMs : nowMs
    const endsAtMs = nowMs + posted.lastsSeconds * 1000
    const alert = toAlert(posted, { labels, startsAtMs, endsAtMs })
    // another severity is another alert: the former one ends
    const former = known === undefined || isSame ? [] : [ended(known, nowMs)]
    await sink.deliver([...former, alert])
    const { annotations, channels } = alert
    await rows.save(key, { labels: labels.toObject(), annotations, channels, startsAtMs, endsAtMs })
    return { fingerprint: fingerprintOf(labels), status: 'firing', isNew: !isSame, startsAtMs, endsAtMs }
  }

  async #end({ posted, key, known }: Call, nowMs: number): Promise<PostedAlertAnswer> {
    const { rows, sink } = this.#options
    if (known === undefined) {
      // said twice, or after it ended by itself: nothing is wrong
      const fingerprint = fingerprintOf(labelsOf(posted))
      return { fingerprint, status: 'resolved', isNew: false, startsAtMs: nowMs, endsAtMs: nowMs }
    }
    await sink.deliver([ended(known, nowMs)])
    await rows.remove(key)
    const fingerprint = fingerprintOf(Labels.from(known.labels))
    return { fingerprint, status: 'resolved', isNew: true, startsAtMs: known.startsAtMs, endsAtMs: nowMs }
  }

  async #makeRoom(nowMs: number): Promise<void> {
    const { rows } = this.#options
    if ((await rows.count()) < maxPosted) return
    await rows.sweep(nowMs)
    if ((await rows.count()) < maxPosted) return
    throw new AppError('http.busy', `${maxPosted} alerts that applications raised fire already.`, {
      fix: 'End those that are over by status "resolved", or give what is one alert one key.',
      retryAfterSeconds: 60,
    })
  }
}

interface Call {
  readonly posted: PostedAlert
  readonly key: string
  readonly known: PostedRow | undefined
}

function checkPosted({ severity, data }: PostedAlert): void {
  if (severityOf(severity) === undefined) {
    throw new AppError('http.invalid', `${quoteValue(severity)} is no severity.`, {
      where: { key: 'severity' },
      fix: `Allowed: ${severities.join(', ')}, and what other systems call them (warning, error, info).`,
    })
  }
  const bytes = data === undefined ? 0 : Buffer.byteLength(JSON.stringify(data))
  if (bytes > maxDataBytes) {
    throw new AppError('http.invalid', `data has ${bytes} bytes; an alert carries at most ${maxDataBytes}.`, {
      where: { key: 'data' },
      fix: 'Send what people need to act, and log the rest.',
    })
  }
}

/** Severity is left out: an alert that gets worse is the same one. */
function keyOf({ name, key, labels }: PostedAlert): string {
  const parts = key === undefined ? ['labels', name, Labels.from(labels).key()] : ['key', name, key]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function labelsOf({ name, key, severity, labels }: PostedAlert): Labels {
  return Labels.from({ ...labels, alertname: name, severity, ...(key === undefined ? {} : { key }) })
}

function toAlert(
  { message, data, actions, url }: PostedAlert,
  { labels, startsAtMs, endsAtMs }: { readonly labels: Labels; readonly startsAtMs: number; readonly endsAtMs: number },
): Alert {
  const annotations = {
    ...(message === '' ? {} : { summary: message }),
    ...(data === undefined ? {} : { data: JSON.stringify(data) }),
  }
  return { labels, annotations, startsAtMs, endsAtMs, generatorUrl: url ?? '', channels: actions }
}

const ended = ({ labels, annotations, channels, startsAtMs }: PostedRow, nowMs: number): Alert => ({
  ...{ labels: Labels.from(labels), annotations, channels, startsAtMs, endsAtMs: nowMs, generatorUrl: '' },
})
