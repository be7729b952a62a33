// The way of a sample and back: engine, spool, loader, head, and the one way in. Opened in the order in which data needs them.
import { join } from 'node:path'
import type { OptionalLogIndex } from '@tidewatch/api/log-settings.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Durability } from '../config/port.ts'
import { createHead, type Head } from '../head/head.ts'
import { createSampleAcceptor } from '../ingest/accept.ts'
import type { AcceptPause, SampleAcceptor } from '../ingest/port.ts'
import type { Health, Logger } from '../self/port.ts'
import type { Spool } from '../spool/spool.ts'
import { createSpool } from '../spool/spool.ts'
import type { StateLocks } from '../state/port.ts'
import { createStoreClient } from '../store/client.ts'
import { findCluster } from '../store/cluster.ts'
import { createSampleEraser } from '../store/erase.ts'
import { newestExemplars } from '../store/exemplar-reader.ts'
import { createLoader, type Loader } from '../store/loader.ts'
import { withoutIndexes } from '../store/logs/indexes.ts'
import { createMetricTablesEncoder } from '../store/metric-encoder.ts'
import { migrateStore } from '../store/migrate.ts'
import type { RenderTarget, SampleEraser, StoreAddress, StoreClient } from '../store/port.ts'
import { createRefillSource } from '../store/refill.ts'
import { createRenderTarget } from '../store/render.ts'
import { createRetention, type Retention } from '../store/retention.ts'
import { createRollupBuilder, type RollupBuilder } from '../store/rollup-builder.ts'
import { RollupTurns } from '../store/rollup-turns.ts'
import { createEngineSupervisor, type EngineSupervisor } from '../store/supervisor.ts'
import { logsTable } from '../store/tables/logs.ts'
import type { Keeping } from './keeping.ts'
import { whileLeading } from './leadership.ts'
import { loadHashKey, loadSeriesCollisions } from './series-key.ts'
import { telemetryTables } from './tables.ts'

/** Exemplars from before a start that are known again: of series that had one within a day. */
const rememberedMs = 86_400_000
const maxRemembered = 100_000

export interface TelemetryOptions {
  readonly dataDir: string
  readonly clickhouseUrl: string | undefined
  readonly keeping: Pick<Keeping, 'limits' | 'rollups'>
  /** Of several processes one makes the rollups. */
  readonly locks: StateLocks
  readonly durability: Durability
  readonly headMemoryBytes: number
  readonly clock: Clock
  readonly logger: Logger
  readonly health: Health
  readonly signal: AbortSignal
  /** Ends deletions that the last run began: before the head is filled from the store. */
  readonly resume: (eraser: SampleEraser, options: { readonly signal: AbortSignal }) => Promise<void>
  /** Before days are looked at that may go: settings that another process may have changed. Where it throws, nothing goes. */
  readonly refreshSettings: (options: { readonly signal: AbortSignal }) => Promise<void>
  /** Indexes that lines of logs come in without. */
  readonly logsWithoutIndexes: () => readonly OptionalLogIndex[]
  /** Before a day of logs goes. Where it throws, the day stays. */
  readonly beforeLogsGo: (dayMs: number, options: { readonly signal: AbortSignal }) => Promise<void>
}

export interface Telemetry extends AsyncDisposable {
  /** Undefined with a remote ClickHouse. */
  readonly engine: EngineSupervisor | undefined
  readonly address: StoreAddress
  readonly client: StoreClient
  readonly spool: Spool
  readonly loader: Loader
  readonly head: Head
  readonly acceptor: SampleAcceptor & AcceptPause
  readonly retention: Retention
  readonly rollups: RollupBuilder
  /** The name of the ClickHouse cluster, where it is one. */
  readonly cluster: string | undefined
  readonly eraser: SampleEraser
}

const loaderName = 'loader'

export async function openTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { dataDir, clock, logger, signal } = options
  const { limits } = options.keeping
  await using opening = new AsyncDisposableStack()
  const { engine, address } = openStore(options, opening)
  await engine?.whenReady({ signal })
  const client = opening.use(createStoreClient(address))
  const cluster = engine === undefined ? await findCluster(address, { signal }) : undefined
  const target = createRenderTarget(cluster)
  await migrateStore({ address, tables: telemetryTables, target, signal })
  const log = logOf(logger)
  const spool = await createSpool({
    dir: join(dataDir, 'spool'),
    clock,
    durability: options.durability,
    readers: [loaderName],
    log: log('spool'),
  })
  opening.use(spool)
  const loader = createLoader({
    reader: spool.reader(loaderName),
    client,
    tables: telemetryTables,
    target,
    clock,
    insertSettings: (table) => (table === logsTable.name ? withoutIndexes(options.logsWithoutIndexes()) : ''),
    log: log('loader'),
  })
  opening.use(loader)
  const { turns, rollups, retention } = openKeeping(options, { client, target, log }, opening)
  const head = opening.use(
    createHead({
      clock,
      hashKey: loadHashKey(dataDir),
      budgetBytes: options.headMemoryBytes,
      collisions: loadSeriesCollisions(dataDir),
    }),
  )
  // what the last run left in the spool goes first: the head is filled from the store alone
  await spool.flush(
    telemetryTables.map(({ name }) => name),
    { signal },
  )
  const eraser = createSampleEraser(client, target, turns)
  await options.resume(eraser, { signal })
  await head.refill(createRefillSource(client), { signal })
  const acceptor = createSampleAcceptor({
    index: head.index,
    head: head.writer,
    spool,
    encoder: createMetricTablesEncoder(),
    clock,
    get retentionMs() {
      return limits('metrics').ageMs
    },
  })
  const sinceMs = clock.nowMs() - rememberedMs
  acceptor.rememberExemplars(await newestExemplars(client, { sinceMs, limit: maxRemembered }, { signal }))
  const opened = opening.move()
  const parts = { engine, address, client, cluster, spool, loader, head, acceptor, retention, rollups, eraser }
  return { ...parts, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

/** What goes, and what is made of it before. */
function openKeeping(
  { keeping, clock, locks, refreshSettings, beforeLogsGo }: TelemetryOptions,
  { client, target, log }: { readonly client: StoreClient; readonly target: RenderTarget; readonly log: Log },
  opening: AsyncDisposableStack,
): { turns: RollupTurns; rollups: RollupBuilder; retention: Retention } {
  const turns = new RollupTurns()
  const rollups = opening.use(
    createRollupBuilder({
      ...{ client, target, clock, turns, wanted: keeping.rollups, log: log('rollups') },
      lead: (run, signal) => whileLeading({ locks, name: 'rollups', clock, signal }, run),
    }),
  )
  const retention = opening.use(
    createRetention({
      ...{ client, tables: telemetryTables, target, clock, limits: keeping.limits, log: log('retention') },
      beforeRound: refreshSettings,
      beforeDrop: async (signalName, dayMs, given) => {
        if (signalName === 'metrics') await rollups.finish(dayMs, given)
        if (signalName === 'logs') await beforeLogsGo(dayMs, given)
      },
    }),
  )
  return { turns, rollups, retention }
}

function openStore(
  options: TelemetryOptions,
  opening: AsyncDisposableStack,
): { engine: EngineSupervisor | undefined; address: StoreAddress } {
  const { clickhouseUrl, dataDir, clock, logger } = options
  if (clickhouseUrl !== undefined) return { engine: undefined, address: remoteAddress(clickhouseUrl) }
  const part = options.health.part('engine')
  const engine = createEngineSupervisor({
    dataDir,
    clock,
    logger: logger.child({ part: 'engine' }),
    onState: (state) => {
      if (state.kind === 'ready') part.ready()
      else if (state.kind === 'starting') part.starting('the engine is starting')
      // samples are taken and rules go on meanwhile: the spool grows
      else if (state.kind === 'down') part.degraded(state.reason.message)
    },
  })
  opening.use(engine)
  return { engine, address: engine.address }
}

function remoteAddress(text: string): StoreAddress {
  const url = new URL(text)
  const { username, password, pathname } = url
  const database = pathname.slice(1) || 'tidewatch'
  url.username = ''
  url.password = ''
  url.pathname = ''
  return {
    url: url.href,
    database,
    username: decodeURIComponent(username) || 'default',
    password: decodeURIComponent(password),
  }
}

type Log = ReturnType<typeof logOf>

const logOf =
  (logger: Logger) =>
  (
    part: string,
  ): ((level: 'info' | 'warn' | 'error', message: string, detail: Readonly<Record<string, unknown>>) => void) => {
    const own = logger.child({ part })
    return (level, message, detail) => own[level](message, detail)
  }
