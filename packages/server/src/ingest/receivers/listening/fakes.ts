// A listener on free ports, over an intake that keeps what it is given, for the tests of ports of their own.
import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { type Clock, systemClock } from '@tidewatch/core/clock.ts'
import { eventually } from '@tidewatch/testkit/server.ts'
import { readCertificate } from '../../../http/tls.ts'
import { createLogger } from '../../../self/logger.ts'
import { createMetrics } from '../../../self/metrics.ts'
import { fakeParts } from '../../fakes.ts'
import { type FakeLogs, fakeLogs } from '../../logs/fakes.ts'
import type { ListenerDefinition, ListenerParts, OpenListener } from '../../port.ts'

export interface TestListener extends AsyncDisposable {
  readonly logs: FakeLogs
  /** Bodies of what was stored, in order. */
  readonly bodies: readonly string[]
  readonly told: readonly string[]
  readonly listener: OpenListener
  /** The port of that transport. */
  port(transport: 'tcp' | 'tls' | 'udp'): number
  /** The sum of a metric of ours, of these label values. */
  count(name: string, ...values: readonly string[]): number
  connect(transport?: 'tcp'): Promise<Socket>
  /** Sends it over TCP and ends the connection. */
  send(bytes: string | Uint8Array): Promise<void>
  /** Sends packets. */
  packets(...packets: readonly (string | Uint8Array)[]): Promise<void>
  /** Resolves once so many lines are stored. */
  lines(count: number): Promise<readonly string[]>
}

/** `config` beside addresses: whatever is not said to be off listens on a free port. */
export async function openListener(
  definition: ListenerDefinition,
  config: Readonly<Record<string, unknown>> = {},
  { clock = systemClock, logs = fakeLogs() }: { readonly clock?: Clock; readonly logs?: FakeLogs } = {},
): Promise<TestListener> {
  const told: string[] = []
  const write = (line: string): void => void told.push(line)
  const logger = createLogger({ clock: systemClock, format: 'json', level: 'info', write })
  const metrics = createMetrics({ logger })
  const free = '127.0.0.1:0'
  const ports = definition.kind === 'beats' ? { tcp: free } : { tcp: free, udp: free }
  const listener = await definition.open(definition.config.parse({ ...ports, ...config }), {
    ...{ acceptor: fakeParts().acceptor, logs: logs.intake, clock, logger, metrics, openCertificate },
  })
  const port = (transport: string): number => Number(new RegExp(`${transport} \\S+:(\\d+)`).exec(listener.address)?.[1])
  const open = async (): Promise<Socket> => {
    const socket = connect({ port: port('tcp'), host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => undefined)
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
    return socket
  }
  const { lines } = logs
  return {
    ...{ logs, told, listener, port, connect: open },
    get bodies() {
      return lines.map(({ body }) => body)
    },
    count: (name, ...values) =>
      metrics
        .render()
        .filter((one) => one.name === name && values.every((value) => Object.values(one.labels).includes(value)))
        .reduce((sum, { value }) => sum + value, 0),
    async send(bytes) {
      const socket = await open()
      socket.end(bytes)
      socket.resume()
      await new Promise<void>((resolve) => socket.once('close', () => resolve()))
    },
    async packets(...packets) {
      const socket = createSocket('udp4')
      for (const packet of packets)
        await new Promise<void>((resolve) => socket.send(packet, port('udp'), '127.0.0.1', () => resolve()))
      socket.close()
    },
    lines: (count) =>
      eventually(
        async () => {
          if (lines.length < count) throw new Error(`${lines.length} lines are stored, not ${count}`)
          return lines.map(({ body }) => body)
        },
        { everyMs: 10 },
      ),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  }
}

/** As app does it, without looking at the files again. */
export const openCertificate: ListenerParts['openCertificate'] = async (files) => {
  const certificate = await readCertificate(files)
  return { current: () => certificate, follow: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() }
}
