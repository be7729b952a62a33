// The whole of notify over a SQLite of its own, with a fake clock and channels that tests make.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { z } from 'zod'
import { createLogger } from '../../self/logger.ts'
import { createMetrics } from '../../self/metrics.ts'
import { createStateStore } from '../../state/store.ts'
import { type Notify, openNotify } from '../open.ts'
import {
  type ChannelDefinition,
  defineChannel,
  type Integration,
  type Notification,
  type SendContext,
  type SendResult,
} from '../port.ts'
import { notifyState } from '../state.ts'
import { FakeOutside } from './send.ts'

export interface Office extends AsyncDisposable {
  readonly notify: Notify
  readonly clock: FakeClock
  readonly metrics: () => string
  enqueue(id: string, integration: string, notification: Notification): Promise<void>
  /** Begins to send; resolves what stops it. */
  run(): () => Promise<void>
}

export interface OfficeOptions {
  /** Kept: for a second start over the same rows. */
  readonly dataDir?: string
  /** Of an empty Postgres; SQLite in the directory when undefined. */
  readonly databaseUrl?: string | undefined
}

export async function openOffice(options: OfficeOptions = {}): Promise<Office> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'tidewatch-notify-'))
  const clock = new FakeClock()
  const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
  const metrics = createMetrics({ logger })
  const state = await createStateStore({
    dataDir,
    databaseUrl: options.databaseUrl,
    env: {},
    features: [notifyState],
    clock,
    logger,
  })
  const notify = openNotify({
    state,
    outside: new FakeOutside(),
    clock,
    logger,
    metrics,
    externalUrl: () => 'https://watch.example.org',
  })
  const stops: (() => Promise<void>)[] = []
  return {
    notify,
    clock,
    metrics: () => metrics.text(),
    enqueue: (id, integration, notification) =>
      state
        .database<Record<string, never>>()
        .transaction()
        .execute((transaction) => notify.writer.enqueue(transaction, id, integration, notification, clock.nowMs())),
    run() {
      const stop = new AbortController()
      const running = notify.run(stop.signal)
      const end = async (): Promise<void> => {
        stop.abort()
        await running
      }
      stops.push(end)
      return end
    },
    async [Symbol.asyncDispose]() {
      for (const stop of stops) await stop()
      await notify[Symbol.asyncDispose]()
      await state[Symbol.asyncDispose]()
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true })
    },
  }
}

type Send = (notification: Notification, context: SendContext) => Promise<SendResult>

/** A channel that does what a test says. */
export function channelThat(
  key: string,
  send: Send,
  more: Partial<Pick<ChannelDefinition<object>, 'address' | 'limits' | 'repeats' | 'takes'>> = {},
): Integration {
  const channel = defineChannel<object>({
    ...{ kind: 'webhook', title: 'Test', repeats: 'perhaps twice', config: z.object({}) },
    ...more,
    send: (notification, _config, context) => send(notification, context),
  })
  return { key, receiver: key, channel, config: {}, sendsResolved: true }
}
