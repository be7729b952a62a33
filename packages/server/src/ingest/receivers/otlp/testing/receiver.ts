// The receiver over an acceptor that keeps all it is given, for tests.
import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import { histogramFault } from '@tidewatch/core/native-histogram-check.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import type { ResolvedSamples, SeriesRef } from '../../../../head/port.ts'
import type { Answer, Identity, RequestContext } from '../../../../http/port.ts'
import type { MetricMetadata } from '../../../../store/port.ts'
import { FakeIndex } from '../../../fakes.ts'
import type { AcceptOptions, AcceptResult, OtlpSettings, SampleAcceptor } from '../../../port.ts'
import { otlp } from '../../otlp.ts'

interface KeptSample {
  readonly series: string
  readonly timeMs: number
  readonly value: number
  /** Hexadecimal, high word first. */
  readonly bits: string
}

export interface Stored {
  readonly samples: readonly KeptSample[]
  readonly histograms: readonly {
    readonly series: string
    readonly timeMs: number
    readonly histogram: NativeHistogram
  }[]
  readonly exemplars: readonly unknown[]
  readonly metadata: Readonly<Record<string, MetricMetadata>>
  series(): readonly string[]
  /** The last value of each series. */
  all(): Readonly<Record<string, number>>
  newest(series: string): number | undefined
  values(series: string): readonly number[]
  bits(series: string): readonly string[]
}

export const usualSettings: OtlpSettings = {
  escapes: true,
  addsSuffixes: true,
  promotes: new Set(),
  ignores: new Set(),
  keepsIdentifying: false,
  makesCustomBuckets: false,
  guardsUnderscore: true,
  keepsUnderscores: true,
  promotesScope: false,
}

export class KeepingAcceptor implements Pick<SampleAcceptor, 'accept' | 'checkRoom' | 'resolveEncoded'> {
  readonly index = new FakeIndex()
  readonly samples: KeptSample[] = []
  readonly histograms: { series: string; timeMs: number; histogram: NativeHistogram }[] = []
  readonly exemplars: unknown[] = []
  readonly metadata = new Map<string, MetricMetadata>()
  /** Thrown by the next `accept`. */
  failure: Error | undefined

  async accept(batch: ResolvedSamples, { metadata = [] }: AcceptOptions = {}): Promise<AcceptResult> {
    const { failure } = this
    this.failure = undefined
    if (failure !== undefined) throw failure
    const words = new Uint32Array(batch.values.buffer, batch.values.byteOffset, batch.length * 2)
    const hex = (i: number): string => (words[i] as number).toString(16).padStart(8, '0')
    const name = (ref: number): string => this.index.labels(ref as SeriesRef).toString()
    for (let i = 0; i < batch.length; i++) {
      this.samples.push({
        series: name(batch.refs[i] as number),
        timeMs: batch.timesMs[i] as number,
        value: batch.values[i] as number,
        bits: hex(i * 2 + 1) + hex(i * 2),
      })
    }
    const faults: string[] = []
    for (const { ref, ...rest } of batch.histograms ?? []) {
      const fault = histogramFault(rest.histogram)
      if (fault === undefined) this.histograms.push({ series: name(ref), ...rest })
      else faults.push(`${name(ref)}: ${fault}`)
    }
    for (const { ref, ...rest } of batch.exemplars ?? []) this.exemplars.push({ series: name(ref), ...rest })
    for (const row of metadata) this.metadata.set(row.family, row)
    return {
      ...unused<AcceptResult>(),
      accepted: batch.length,
      badHistograms: faults.length,
      firstBadHistogram: faults[0] === undefined ? undefined : new AppError('ingest.bad_histogram', faults[0]),
      refused: { tooOld: 0, tooFarAhead: 0, examples: [] },
    }
  }
  checkRoom(): void {}
  resolveEncoded(project: ProjectId, bytes: Uint8Array, start: number, end: number): SeriesRef {
    return this.index.resolveEncoded(project, bytes, start, end)
  }

  stored(): Stored {
    const { samples, histograms, exemplars } = this
    const of = (series: string): readonly KeptSample[] => samples.filter((sample) => sample.series === series)
    return {
      ...{ samples, histograms, exemplars, metadata: Object.fromEntries(this.metadata) },
      series: () => [...new Set(samples.map(({ series }) => series))].sort(),
      all: () => Object.fromEntries(samples.map(({ series, value }) => [series, value])),
      newest: (series) => of(series).at(-1)?.value,
      values: (series) => of(series).map(({ value }) => value),
      bits: (series) => of(series).map(({ bits }) => bits),
    }
  }
}

export interface OpenReceiver {
  readonly acceptor: KeepingAcceptor
  readonly clock: FakeClock
  readonly leftOut: Map<string, number>
  post(body: Uint8Array, contentType: string): Promise<Answer>
  stored(): Stored
}

export function openReceiver(settings: OtlpSettings = usualSettings): OpenReceiver {
  const acceptor = new KeepingAcceptor()
  const clock = new FakeClock(Date.UTC(2026, 10, 21, 12))
  const leftOut = new Map<string, number>()
  const [route] = otlp.routes({
    ...unused<Parameters<typeof otlp.routes>[0]>(),
    ...{ acceptor, clock, otlp: () => settings },
    countLeftOut: (reason, count) => void leftOut.set(reason, (leftOut.get(reason) ?? 0) + count),
  })
  return {
    ...{ acceptor, clock, leftOut },
    stored: () => acceptor.stored(),
    async post(body, contentType) {
      const identity: Identity = {
        kind: 'local',
        name: 'test',
        permissions: new Set(),
        projects: 'all',
        project: defaultProject,
      }
      const context: RequestContext = {
        ...{ id: 'r', params: {}, query: {}, body, identity, remoteAddress: '127.0.0.1' },
        headers: { 'content-type': contentType },
        signal: new AbortController().signal,
      }
      return (await route?.handle(context)) ?? {}
    },
  }
}

/** Stands for what these tests do not look at. */
function unused<T>(): T {
  return {} as T
}
