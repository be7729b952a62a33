// A protocol on its ports: TCP, TLS and UDP, as far as they are configured, into one queue of lines.
import { AppError } from '@tidewatch/core/error.ts'
import type { ListenerParts, OpenListener } from '../../port.ts'
import type { ListenAddress } from '../../udp.ts'
import { ListenerCounters } from './counters.ts'
import { openDatagrams } from './datagrams.ts'
import { LineBatches, type Sender } from './line-batches.ts'
import type { ListenerSettings } from './settings.ts'
import { type StreamConnection, StreamServer } from './stream-server.ts'

export interface PortSettings extends ListenerSettings {
  readonly tcp: ListenAddress | undefined
  readonly udp?: ListenAddress | undefined
}

/** What the protocol of a port works with. */
export interface Port {
  readonly batches: LineBatches
  readonly counters: ListenerCounters
  readonly settings: ListenerSettings
  readonly parts: Pick<ListenerParts, 'clock' | 'logs'>
}

export interface LineProtocol {
  /** Reads a connection to its end. Throws AppError where it cannot be read on. */
  serve(connection: StreamConnection): Promise<void>
  /** Takes what a packet holds. */
  packet?(sender: Sender, packet: Uint8Array): void
}

export type OpenPortsOptions = Omit<ListenerParts, 'acceptor'>

/** Listens wherever the settings say. Throws `http.cannot_listen`, `http.bad_certificate`. */
export async function openPorts(
  kind: string,
  { settings, parts }: { readonly settings: PortSettings; readonly parts: OpenPortsOptions },
  protocolOf: (port: Port) => LineProtocol,
): Promise<OpenListener> {
  const { clock, logs } = parts
  const counters = new ListenerCounters(kind, parts)
  await using opening = new AsyncDisposableStack()
  // closed last: what is read until then goes through it
  const batches = opening.use(
    new LineBatches({
      ...{ logs, clock, counters, project: settings.project },
      maxWaitingBytes: settings.max_waiting_bytes,
    }),
  )
  const protocol = protocolOf({ batches, counters, settings, parts: { clock, logs } })
  const addresses: string[] = []
  const openStream = async (address: ListenAddress, isTls: boolean): Promise<void> => {
    const server = await StreamServer.open({
      ...{ address, isTls, settings, parts, counters },
      serve: (connection) => protocol.serve(connection),
      room: () => batches.room(),
    })
    opening.use(server)
    addresses.push(`${isTls ? 'tls' : 'tcp'} ${server.address}`)
  }
  const { tcp, tls, udp } = settings
  if (tcp !== undefined) await openStream(tcp, false)
  if (tls !== undefined) await openStream(tls.address, true)
  if (udp !== undefined && protocol.packet !== undefined) {
    const take = protocol.packet.bind(protocol)
    const datagrams = opening.use(await openDatagrams(udp, { settings, parts, counters, batches, take }))
    addresses.push(`udp ${datagrams.address}`)
  }
  if (addresses.length === 0)
    throw new AppError('http.cannot_listen', `listeners.${kind} names no port: all of them are off.`, {
      fix: `Give it an address, or leave listeners.${kind} out.`,
    })
  const open = opening.move()
  return { address: addresses.join(', '), [Symbol.asyncDispose]: () => open.disposeAsync() }
}
