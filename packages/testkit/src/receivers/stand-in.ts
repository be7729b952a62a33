// A receiver of notifications as its vendor documents it: takes what the real one takes, refuses the rest as the real one does, and fails on demand.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface StandInAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What a vendor's API answers to a request. */
export type Vendor = (request: SeenRequest) => StandInAnswer

/** In place of the next answer: another one, none for ever, or a connection that breaks. */
export type Mishap = StandInAnswer | 'hang' | 'close'

export interface StandIn extends AsyncDisposable {
  readonly url: string
  /** All that came, mishaps too. */
  readonly requests: readonly SeenRequest[]
  /** Those that the vendor took. */
  readonly taken: readonly SeenRequest[]
  /** The next requests meet these, one each. */
  mishap(...mishaps: readonly Mishap[]): void
  /** Resolves when so many requests have come. */
  seen(count: number): Promise<readonly SeenRequest[]>
}

export interface StandInOptions {
  readonly tls?: { readonly cert: string; readonly key: string }
}

export async function startStandIn(vendor: Vendor, { tls }: StandInOptions = {}): Promise<StandIn> {
  const requests: SeenRequest[] = []
  const taken: SeenRequest[] = []
  const mishaps: Mishap[] = []
  let waiting: { readonly count: number; readonly done: () => void }[] = []
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await read(incoming)
    requests.push(request)
    waiting = waiting.filter(({ count, done }) => {
      if (requests.length < count) return true
      done()
      return false
    })
    const mishap = mishaps.shift()
    if (mishap === 'hang') return
    if (mishap === 'close') {
      incoming.socket.destroy()
      return
    }
    const answer = mishap ?? vendor(request)
    if (mishap === undefined && answer.status < 300) taken.push(request)
    response.writeHead(answer.status, { ...answer.headers }).end(answer.body ?? '')
  }
  const listener = (incoming: IncomingMessage, response: ServerResponse): void => void handle(incoming, response)
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    taken,
    mishap: (...more) => void mishaps.push(...more),
    async seen(count) {
      if (requests.length < count) await new Promise<void>((done) => waiting.push({ count, done }))
      return requests
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

async function read(incoming: IncomingMessage): Promise<SeenRequest> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
  const body = Buffer.concat(parts).toString('utf8')
  return { method: incoming.method ?? '', path: incoming.url ?? '', headers, body }
}

/** Takes anything. */
export const anything: Vendor = () => ({ status: 200, body: 'ok' })
