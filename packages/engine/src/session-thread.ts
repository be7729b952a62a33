// One session of the engine on its own thread. Its thread, because starting a stream runs the planner on the calling
// thread, scalar subqueries and sets of IN included: seconds in which the HTTP server could answer nobody and kill nothing.
import { flushCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { Session } from 'chdb'
import { chunkWindow, type FromSession, type Job, type SessionThreadData, type ToSession } from './protocol.ts'
import { quoteString } from './statement.ts'

const { dataDir, tag, baseSettings } = workerData as SessionThreadData
const port = parentPort!
let session = new Session(dataDir)
/** What the session has been told, to change only what differs from one statement to the next. */
let applied = new Map<string, string>()
let database = ''
let cancelledId = -1
let credit = 0
let wake: (() => void) | undefined

port.on('message', (message: ToSession) => {
  if (message.type === 'run') {
    void run(message)
  } else if (message.type === 'more') {
    credit++
    wake?.()
  } else if (message.type === 'cancel') {
    cancelledId = message.id
    wake?.()
  } else {
    session.close()
    send({ type: 'closed' })
    port.close()
  }
})
await reopen()
// The sessions opened later load from the cache, instead of 12 MB each for stripping types again.
flushCompileCache()
send({ type: 'open' })

function send(message: FromSession, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer)
}

async function run(job: Job): Promise<void> {
  const start = performance.now()
  credit = chunkWindow
  try {
    await prepare(job)
    stopIfCancelled(job)
    const rows = job.streamed ? await stream(job) : await whole(job)
    send({ type: 'done', id: job.id, summary: { rows, elapsedNs: Math.round((performance.now() - start) * 1e6) } })
  } catch (caught) {
    send({ type: 'failed', id: job.id, message: caught instanceof Error ? caught.message : String(caught) })
  }
}

async function stream(job: Job): Promise<number> {
  const rows = session.queryStream(job.sql, { format: job.format })
  let count = 0
  try {
    for await (const chunk of rows) {
      count += chunk.numRows
      sendChunk(job, chunk.raw())
      if (credit === 0) await room(job)
      stopIfCancelled(job)
    }
  } catch (caught) {
    await letGo()
    throw caught
  }
  return count
}

/** The library keeps a stream that has failed, its memory and its place among the running queries, until the session is asked for something else. */
async function letGo(): Promise<void> {
  await session.queryAsync('SELECT 1').catch(() => undefined)
}

async function whole(job: Job): Promise<number> {
  const result = await session.queryAsync(job.sql, { format: job.format })
  const bytes = result.bytes()
  if (bytes.byteLength > 0) sendChunk(job, bytes)
  return result.rowsRead
}

function sendChunk(job: Job, bytes: Uint8Array): void {
  credit--
  // The library hands out a copy of its own for each chunk; moving it spares another.
  const owned =
    bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
  send({ type: 'chunk', id: job.id, bytes }, owned ? [bytes.buffer as ArrayBuffer] : [])
}

async function room(job: Job): Promise<void> {
  while (credit === 0 && cancelledId !== job.id) {
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  wake = undefined
}

function stopIfCancelled(job: Job): void {
  if (cancelledId === job.id) throw new Error('Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)')
}

/** A session that refused what it was asked is in no known state: it is opened anew, and asked once more in case the state was to blame. */
async function prepare(job: Job): Promise<void> {
  try {
    await bringTo(job)
  } catch {
    await reopen()
    await bringTo(job).catch(async (caught: unknown) => {
      await reopen()
      throw caught
    })
  }
}

/** Brings database and settings to what the job asks; most jobs ask what the last one did. */
async function bringTo(job: Job): Promise<void> {
  if (job.database !== database) {
    await session.queryAsync(`USE \`${job.database.replaceAll('`', '``')}\``)
    database = job.database
  }
  const wanted = new Map(Object.entries({ ...baseSettings, ...job.settings }))
  const changes = [
    ...[...wanted].filter(([name, value]) => applied.get(name) !== value).map(assignment),
    ...[...applied.keys()].filter((name) => !wanted.has(name)).map((name) => `${name} = DEFAULT`),
  ]
  if (changes.length > 0) await session.queryAsync(`SET ${changes.join(', ')}`)
  applied = wanted
}

async function reopen(): Promise<void> {
  session.close()
  session = new Session(dataDir)
  database = ''
  applied = new Map(Object.entries(baseSettings))
  await session.queryAsync(`SET ${[...applied, ['log_comment', tag] as const].map(assignment).join(', ')}`)
}

function assignment([name, value]: readonly [string, string]): string {
  return `${name} = ${quoteString(value)}`
}
