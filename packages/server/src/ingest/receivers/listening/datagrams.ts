// Packets of a port: from whom they may come, and what becomes of them while there is no room.
import type { Socket } from 'node:dgram'
import type { ListenerParts } from '../../port.ts'
import { blockListOf, isFrom, type ListenAddress, listenUdp } from '../../udp.ts'
import type { ListenerCounters } from './counters.ts'
import type { LineBatches, Sender } from './line-batches.ts'
import type { ListenerSettings } from './settings.ts'

export interface DatagramOptions {
  readonly settings: ListenerSettings
  readonly parts: Pick<ListenerParts, 'logger'>
  readonly counters: ListenerCounters
  readonly batches: LineBatches
  /** Takes what a packet holds. The bytes are its own. */
  readonly take: (sender: Sender, packet: Uint8Array) => void
}

/** Senders that are known by their address; more begin anew. */
const maxSenders = 1000

/** Throws `http.cannot_listen`. */
export async function openDatagrams(address: ListenAddress, options: DatagramOptions): Promise<Datagrams> {
  const { settings, counters, batches, take } = options
  const networks = blockListOf(settings.networks)
  const senders = new Map<string, Sender>()
  const bytes = counters.bytes('udp')
  const senderOf = (from: string): Sender => {
    const known = senders.get(from)
    if (known !== undefined) return known
    if (senders.size >= maxSenders) senders.clear()
    const plain = from.replace(/^::ffff:/, '')
    const sender: Sender = {
      name: `${counters.kind} by UDP from ${plain}`,
      address: plain,
      resource: new Map([['host.ip', plain]]),
    }
    senders.set(from, sender)
    return sender
  }
  const socket = await listenUdp(address, (packet, { address: from }) => {
    if (!isFrom(networks, from)) {
      counters.refuse('network', `a sender's network is not in listeners.${counters.kind}.networks`, { from })
      return
    }
    counters.packets.add()
    bytes.add(packet.length)
    // a sender by UDP cannot be told to wait
    if (batches.isFull) counters.lose('no_room', 1, 'packets are lost: too many lines wait to be stored', { from })
    else take(senderOf(from), packet)
  })
  // later errors of a socket that listens lose packets, as UDP may
  socket.on('error', (error) => counters.tell('socket', 'the socket had an error', { error }))
  return new Datagrams(socket)
}

export class Datagrams implements AsyncDisposable {
  readonly #socket: Socket
  #isOpen = true

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get address(): string {
    const { address, family, port } = this.#socket.address()
    return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await new Promise<void>((resolve) => this.#socket.close(resolve))
  }
}
