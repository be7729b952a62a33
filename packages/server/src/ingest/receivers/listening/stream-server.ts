// Connections of a port: who is let in, how many, how much of what they sent may wait, and their end.
import { type AddressInfo, type BlockList, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { ListenerParts, OpenCertificate } from '../../port.ts'
import { blockListOf, isFrom, type ListenAddress } from '../../udp.ts'
import type { ListenerCounters } from './counters.ts'
import type { Sender } from './line-batches.ts'
import type { ListenerSettings } from './settings.ts'

/** A connection as its protocol sees it. */
export interface StreamConnection {
  readonly sender: Sender
  /** What comes, as it comes, up to the sender's end. Read on by it when there is room for more. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Fires when the port is closed: what is whole by then is still stored. */
  readonly stopping: AbortSignal
  /** Bytes of what is not whole yet, which the protocol keeps. */
  hold(bytes: number): void
  /** To the sender. Nothing where it has gone. */
  write(bytes: Uint8Array): void
  /** Does what an answer depends on: a stop of the port waits for it. */
  answerAfter(work: () => Promise<void>): Promise<void>
}

export interface StreamServerOptions {
  readonly settings: ListenerSettings
  readonly parts: Pick<ListenerParts, 'clock' | 'logger' | 'openCertificate'>
  readonly counters: ListenerCounters
  /** Reads a connection to its end. Throws AppError where it cannot be read on. */
  readonly serve: (connection: StreamConnection) => Promise<void>
  /** Resolves once more may be read; undefined where that is now. */
  readonly room: () => Promise<void> | undefined
}

/** Idle ones are looked for so often. */
const sweepMs = 1000
/** A connection gives way to a new one where there are too many, if nothing came on it for so long. */
const givesWayMs = 10_000
/** What senders have sent by the time of a stop is still read for so long. */
const lastReadMs = 300
/** Then what is being stored and acknowledged may end. */
const lastStoreMs = 2000
const keepAliveMs = 60_000
const handshakeMs = 15_000

interface Open {
  readonly socket: Socket
  activeMs: number
  heldBytes: number
  /** It waits for room, not for its sender. */
  isPaused: boolean
  /** Its sender waits for an answer that is on its way. */
  isAnswering: boolean
}

export class StreamServer implements AsyncDisposable {
  readonly #options: StreamServerOptions
  readonly #networks: BlockList
  readonly #open = new Set<Open>()
  readonly #serving = new Set<Promise<void>>()
  /** All there are, those before their handshake too. */
  readonly #sockets = new Set<Socket>()
  readonly #stop = new AbortController()
  /** Made anew where it is to speak TLS. */
  #server: Server = createServer()
  #certificate: OpenCertificate | undefined
  #sweeping: Promise<void> = Promise.resolve()
  #heldBytes = 0

  private constructor(options: StreamServerOptions) {
    this.#options = options
    this.#networks = blockListOf(options.settings.networks)
  }

  /** Throws `http.cannot_listen`, and `http.bad_certificate` where it is to speak TLS. */
  static async open(
    options: StreamServerOptions & { readonly address: ListenAddress; readonly isTls: boolean },
  ): Promise<StreamServer> {
    const server = new StreamServer(options)
    await server.#listen(options.address, options.isTls)
    return server
  }

  /** `host:port`. */
  get address(): string {
    const { address, family, port } = this.#server.address() as AddressInfo
    return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
  }

  /** Nobody new; what the others have sent is read, stored and acknowledged, then they are ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#stop.abort()
    await using certificate = this.#certificate
    void certificate
    await this.#served(lastReadMs)
    for (const { socket, isAnswering } of this.#open) if (!isAnswering) socket.destroy()
    await this.#served(lastStoreMs)
    for (const socket of this.#sockets) socket.destroy()
    await closed
    await this.#sweeping
  }

  async #served(withinMs: number): Promise<void> {
    const timer = new AbortController()
    const late = this.#options.parts.clock.sleep(withinMs, { signal: timer.signal }).catch(() => undefined)
    await Promise.race([late, Promise.all(this.#serving)])
    timer.abort()
    await late
  }

  async #listen(address: ListenAddress, isTls: boolean): Promise<void> {
    const { settings, counters, parts } = this.#options
    const accept = (socket: Socket): void => this.#accept(socket, isTls)
    if (isTls && settings.tls !== undefined) {
      const { cert_file: certFile, key_file: keyFile, client_ca_file: clientCaFile } = settings.tls
      const files = { certFile, keyFile, ...(clientCaFile === undefined ? {} : { clientCaFile }) }
      const certificate = await parts.openCertificate(files)
      this.#certificate = certificate
      const server = createTlsServer(
        {
          ...certificate.current(),
          ...{ minVersion: 'TLSv1.2', allowHalfOpen: true, handshakeTimeout: handshakeMs },
          ...{ requestCert: clientCaFile !== undefined, rejectUnauthorized: clientCaFile !== undefined },
        },
        accept,
      )
      certificate.follow((changed) => server.setSecureContext(changed))
      server.on('tlsClientError', (error, socket) =>
        counters.refuse('tls', 'a sender does not speak TLS as it has to', { error, from: socket.remoteAddress }),
      )
      // before its handshake, so that who may not send costs nothing and who says nothing counts
      server.on('connection', (socket) => this.#mayCome(socket))
      this.#server = server
    } else this.#server = createServer({ allowHalfOpen: true, noDelay: true }, accept)
    // first of all, so that the number of them counts this one
    this.#server.prependListener('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    try {
      await listenOn(this.#server, address)
    } catch (error) {
      await this.#certificate?.[Symbol.asyncDispose]()
      throw error
    }
    this.#sweeping = this.#sweep(this.#stop.signal)
  }

  /** Ends the socket where it may not. */
  #mayCome(socket: Socket): boolean {
    const { counters, settings } = this.#options
    const from = socket.remoteAddress ?? ''
    if (from !== '' && isFrom(this.#networks, from)) {
      if (this.#sockets.size <= settings.max_connections || this.#oneGivesWay()) return true
      counters.refuse('too_many', 'there are as many connections as max_connections allows', { from })
    } else if (from !== '')
      counters.refuse('network', `a sender's network is not in listeners.${counters.kind}.networks`, { from })
    socket.destroy()
    return false
  }

  /** Of those on which nothing came for a while the longest silent. */
  #oneGivesWay(): boolean {
    const nowMs = this.#options.parts.clock.monotonicMs()
    let silent: Open | undefined
    for (const one of this.#open) if (!one.isPaused && one.activeMs < (silent?.activeMs ?? nowMs)) silent = one
    if (silent === undefined || nowMs - silent.activeMs < givesWayMs) return false
    this.#end(silent)
    return true
  }

  #end(one: Open): void {
    one.socket.destroy()
    this.#forget(one)
  }

  #forget(one: Open): void {
    if (!this.#open.delete(one)) return
    this.#heldBytes -= one.heldBytes
    one.heldBytes = 0
    this.#options.counters.connections.add(-1)
  }

  #accept(socket: Socket, isTls: boolean): void {
    // whatever ends a connection ends the reading of it, where it is told
    socket.on('error', () => undefined)
    if (socket.destroyed || (!isTls && !this.#mayCome(socket))) return
    const { counters, parts } = this.#options
    socket.setKeepAlive(true, keepAliveMs)
    const one: Open = {
      ...{ socket, heldBytes: 0, isPaused: false, isAnswering: false },
      activeMs: parts.clock.monotonicMs(),
    }
    this.#open.add(one)
    counters.connections.add(1)
    socket.once('close', () => this.#forget(one))
    const serving: Promise<void> = this.#serve(one, isTls).finally(() => this.#serving.delete(serving))
    this.#serving.add(serving)
  }

  /** Never rejects. */
  async #serve(one: Open, isTls: boolean): Promise<void> {
    const { counters, serve } = this.#options
    const { socket } = one
    const address = socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown'
    const sender: Sender = {
      name: `${counters.kind} by ${isTls ? 'TLS' : 'TCP'} from ${address}`,
      address,
      resource: new Map([['host.ip', address]]),
    }
    try {
      await serve({
        sender,
        chunks: this.#chunks(one, isTls),
        stopping: this.#stop.signal,
        hold: (bytes) => this.#hold(one, bytes),
        write: (bytes) => void (socket.writable && socket.write(bytes)),
        async answerAfter(work) {
          one.isAnswering = true
          await work()
          one.isAnswering = false
        },
      })
    } catch (error) {
      // a connection that breaks off is told by nobody else either
      if (!(error instanceof AppError) || this.#stop.signal.aborted) return
      counters.faults.add()
      counters.tell('fault', 'a connection cannot be read on', { error, from: address })
    } finally {
      // what was answered goes out before
      socket.destroySoon()
    }
  }

  async *#chunks(one: Open, isTls: boolean): AsyncGenerator<Uint8Array> {
    const { counters, parts, room } = this.#options
    const bytes = counters.bytes(isTls ? 'tls' : 'tcp')
    for await (const chunk of one.socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      one.activeMs = parts.clock.monotonicMs()
      bytes.add(chunk.length)
      yield chunk
      const waiting = room()
      if (waiting === undefined) continue
      one.isPaused = true
      await waiting
      one.isPaused = false
      one.activeMs = parts.clock.monotonicMs()
    }
  }

  #hold(one: Open, bytes: number): void {
    if (!this.#open.has(one)) return
    this.#heldBytes += bytes - one.heldBytes
    one.heldBytes = bytes
    const { counters, settings } = this.#options
    while (this.#heldBytes > settings.max_waiting_bytes) {
      let largest = one
      for (const other of this.#open) if (other.heldBytes > largest.heldBytes) largest = other
      const from = largest.socket.remoteAddress
      counters.refuse('no_room', 'a connection was ended: lines that are not whole take more than max_waiting_bytes', {
        from,
      })
      this.#end(largest)
    }
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.parts
    while (await slept(clock, sweepMs, signal)) {
      const { idle_timeout: idleMs } = this.#options.settings
      const nowMs = clock.monotonicMs()
      for (const one of this.#open) {
        if (one.isPaused || nowMs - one.activeMs < idleMs) continue
        this.#options.counters.refuse('idle', 'a connection was ended: nothing came for idle_timeout', {
          from: one.socket.remoteAddress,
        })
        this.#end(one)
      }
    }
  }
}

/** False where the signal fired. */
function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, { signal }).then(
    () => true,
    () => false,
  )
}

async function listenOn(server: Server, { host, port }: ListenAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AppError('http.cannot_listen', `TCP ${host}:${port} cannot be listened on: ${cause.message}.`, {
          cause,
          fix: 'Name a free port and an address of this machine under listeners in tidewatch.yml; below 1024 only root may listen.',
        }),
      ),
    )
    // a name may lead to ::1 alone, where 127.0.0.1 finds nobody
    server.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port }, resolve)
  })
  server.removeAllListeners('error')
  // an error of a server that listens: a connection that could not be accepted, which its sender tries again
  server.on('error', () => undefined)
}
