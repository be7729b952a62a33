// Starts query workers and joins them to the pool.
import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { HeadDescriptor } from '../head/port.ts'
import { releaseReadersOf } from '../head/reader.ts'
import type { QueryWorker } from '../query/pool.ts'
import type { FromWorker, ToWorker } from '../query/protocol.ts'
import type { StoreAddress } from '../store/port.ts'

/** What a query worker is started with; the address of the store may change when the engine is restarted, its path does not. */
export interface QueryWorkerData {
  readonly head: HeadDescriptor
  readonly store: StoreAddress
  /** The name of the ClickHouse cluster, where it is one. */
  readonly cluster: string | undefined
  /** False where other processes take samples in too: then the store alone answers. */
  readonly usesHead: boolean
  /** One Int32: the id of the query that is to stop. */
  readonly cancelled: SharedArrayBuffer
}

/** A query that needs more is ended, not the server. */
const limits: ResourceLimits = { maxOldGenerationSizeMb: 768, maxYoungGenerationSizeMb: 32 }

export function startQueryWorker(data: Omit<QueryWorkerData, 'cancelled'>): QueryWorker {
  const cancelled = new SharedArrayBuffer(4)
  const flag = new Int32Array(cancelled)
  const workerData: QueryWorkerData = { ...data, cancelled }
  const worker = new Worker(new URL('./query-worker.ts', import.meta.url), { workerData, resourceLimits: limits })
  // it is -1 once the thread has ended
  const { threadId } = worker
  worker.on('exit', () => releaseReadersOf(data.head, threadId))
  // a waiting worker must not keep a process alive that has nothing else to do
  worker.unref()
  return {
    post: (message: ToWorker) => worker.postMessage(message),
    onMessage: (listen) => void worker.on('message', (message: FromWorker) => listen(message)),
    onExit: (listen) => {
      let why = 'it ended'
      worker.on('error', (error) => {
        why = error.message
      })
      worker.on('exit', () => listen(why))
    },
    cancel: (id) => {
      Atomics.store(flag, 0, id)
      worker.postMessage({ type: 'cancel', id } satisfies ToWorker)
    },
    terminate: async () => {
      await worker.terminate()
    },
  }
}
