// The entry of a query worker's thread.
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@tidewatch/core/clock.ts'
import { createHeadReader } from '../head/reader.ts'
import type { ToWorker } from '../query/protocol.ts'
import { createQueryRunner } from '../query/runner.ts'
import { createStoreClient } from '../store/client.ts'
import { createMetricStoreReader } from '../store/metric-reader.ts'
import { createRenderTarget } from '../store/render.ts'
import { createRollupReader } from '../store/rollup-reader.ts'
import type { QueryWorkerData } from './query-threads.ts'

const data = workerData as QueryWorkerData
const cancelled = new Int32Array(data.cancelled)
const port = parentPort
if (port === null) throw new Error('query-worker.ts is the entry of a thread')

const client = createStoreClient(data.store)
const { monotonicMs } = systemClock
const run = createQueryRunner({
  head: createHeadReader(data.head),
  usesHead: data.usesHead,
  store: createMetricStoreReader(
    client,
    createRollupReader(client, { target: createRenderTarget(data.cluster), monotonicMs }),
  ),
  isCancelled: (id) => Atomics.load(cancelled, 0) === id,
  monotonicMs,
  post: (message, transfer = []) => port.postMessage(message, [...transfer]),
})
port.on('message', (message: ToWorker) => run(message))
