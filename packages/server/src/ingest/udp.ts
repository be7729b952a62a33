// Listening on UDP for protocols without credentials: where, and from whom.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { AppError } from '@tidewatch/core/error.ts'
import { z } from 'zod'

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

const loopback: readonly string[] = ['127.0.0.0/8', '::1/128']
/** What the kernel keeps of packets that we have not read yet, as far as it lets us. */
const receiveBufferBytes = 4 << 20

/** `host:port`, an IPv6 address in brackets. */
export function listenAddress(fallback: string) {
  return z
    .string()
    .default(fallback)
    .transform((text, context): ListenAddress => {
      const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
      const host = match?.[1] ?? match?.[2]
      const port = Number(match?.[3])
      if (host !== undefined && port <= 65_535) return { host, port }
      context.addIssue({ code: 'custom', message: `not an address. Write one such as ${fallback}` })
      return z.NEVER
    })
}

/** Networks in CIDR form or single addresses; loopback unless said. */
export function networkList() {
  return z.array(z.string().refine(isNetwork, 'not a network. Write one such as 10.0.0.0/8')).default([...loopback])
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32))
}

export function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  return list
}

/** Whether the address belongs to one of the networks; an IPv4 address inside an IPv6 one counts as itself. */
export function isFrom(networks: BlockList, address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
  return networks.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
}

/** Throws `http.cannot_listen`. The owner closes the socket. */
export async function listenUdp(
  { host, port }: ListenAddress,
  onPacket: (packet: Buffer, from: RemoteInfo) => void,
): Promise<Socket> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: receiveBufferBytes })
  socket.on('message', onPacket)
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (cause) => {
      socket.close()
      reject(
        new AppError('http.cannot_listen', `UDP ${host}:${port} cannot be listened on: ${cause.message}.`, {
          cause,
          fix: 'Name a free port and an address of this machine under listeners in tidewatch.yml.',
        }),
      )
    })
    socket.bind(port, host, resolve)
  })
  socket.removeAllListeners('error')
  return socket
}
