// Single values as samples: for receivers of few values, whose senders want to hear of the first that is wrong.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { SampleBatchPool } from '@tidewatch/core/sample-batch.ts'
import type { MetricMetadata } from '../../../store/port.ts'
import { refusedTimesError } from '../../accept.ts'
import type { SampleAcceptor, SampleReceiverParts } from '../../port.ts'

export interface PushedValue {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly timeMs: number
  readonly metadata?: Omit<MetricMetadata, 'project' | 'family'>
  /** Where it stands in the request, for errors. */
  readonly where: string
}

export interface ValueStoreParts extends Pick<SampleReceiverParts, 'countLeftOut'> {
  readonly acceptor: Pick<SampleAcceptor, 'accept' | 'checkRoom' | 'resolve'>
}

export class ValueStore {
  readonly #parts: ValueStoreParts
  readonly #pool = new SampleBatchPool()

  constructor(parts: ValueStoreParts) {
    this.#parts = parts
  }

  /** Stores all; resolves when they are safe. Throws before anything is stored where a series is none, and after it where times are refused. */
  async store(project: ProjectId, values: readonly PushedValue[]): Promise<void> {
    const { acceptor, countLeftOut } = this.#parts
    acceptor.checkRoom()
    using lease = this.#pool.lease()
    const metadata: MetricMetadata[] = []
    for (const one of values) {
      lease.batch.add(this.#resolve(project, one), one.timeMs, one.value)
      if (one.metadata !== undefined) metadata.push({ project, family: one.name, ...one.metadata })
    }
    const result = await acceptor.accept(lease.batch, { metadata })
    const { tooOld, tooFarAhead } = result.refused
    if (tooOld > 0) countLeftOut('too_old', tooOld)
    if (tooFarAhead > 0) countLeftOut('too_far_ahead', tooFarAhead)
    if (tooOld + tooFarAhead > 0) throw refusedTimesError(result)
  }

  #resolve(project: ProjectId, { name, labels, where }: PushedValue): number {
    try {
      return this.#parts.acceptor.resolve(project, Labels.from({ ...labels, [metricNameLabel]: name }))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const { code, message, fix, retryAfterSeconds } = error
      throw new AppError(code, `${where}: ${message}`, {
        where: { key: where },
        cause: error,
        ...(fix === undefined ? {} : { fix }),
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      })
    }
  }
}
