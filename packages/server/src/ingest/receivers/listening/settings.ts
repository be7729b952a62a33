// What stands below the key of every way in with a port of its own.
import { parseBytes } from '@tidewatch/core/byte-size.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { z } from 'zod'
import { durationFrom } from '../../../config/port.ts'
import { type ListenAddress, listenAddress, networkList } from '../../udp.ts'

/** A size such as `1MB`, or a number of bytes. */
function byteSize(fallback: number, { least, most }: { readonly least: number; readonly most: number }) {
  return z
    .union([z.string(), z.number()])
    .transform((written, context) => {
      const bytes = parseBytes(String(written))
      if (bytes !== undefined && bytes >= least && bytes <= most) return bytes
      context.addIssue({ code: 'custom', message: `not a size from ${least} to ${most} bytes. Write one such as 1MB` })
      return z.NEVER
    })
    .default(fallback)
}

const projectId = z
  .int()
  .min(0)
  .max(4_294_967_295)
  .default(0)
  .transform((id) => id as ProjectId)

/** An address, or `off`, which YAML reads as false. */
export function addressOrOff(fallback: string) {
  const address = listenAddress(fallback)
  return z
    .union([z.string(), z.literal(false)])
    .default(fallback)
    .transform((written, context): ListenAddress | undefined => {
      if (written === false || written === 'off') return undefined
      const { data, error } = address.safeParse(written)
      if (data !== undefined) return data
      for (const { message } of error?.issues ?? []) context.addIssue({ code: 'custom', message })
      return z.NEVER
    })
}

const mebibyte = 1 << 20

/** `tlsAddress`: where TLS is spoken unless it says where. */
export function listenerSettings(tlsAddress: string) {
  return {
    /** Who may send: there are no keys in these protocols. */
    networks: networkList(),
    /** Whose lines these are. */
    project: projectId,
    tls: z
      .strictObject({
        address: listenAddress(tlsAddress),
        cert_file: z.string().min(1),
        key_file: z.string().min(1),
        client_ca_file: z.string().min(1).optional(),
      })
      .optional(),
    max_connections: z.int().min(1).max(100_000).default(1000),
    /** Of one line, message or event; of a longer one the beginning is kept. */
    max_line_bytes: byteSize(mebibyte, { least: 1024, most: 64 * mebibyte }),
    /** Of lines that were read and are not stored yet; and again of what is not whole yet. */
    max_waiting_bytes: byteSize(64 * mebibyte, { least: mebibyte, most: 4096 * mebibyte }),
    /** A connection on which nothing came for so long is ended. */
    idle_timeout: durationFrom(1000).default(3_600_000),
  }
}

export interface ListenerSettings {
  readonly networks: readonly string[]
  readonly project: ProjectId
  readonly tls?:
    | {
        readonly address: ListenAddress
        readonly cert_file: string
        readonly key_file: string
        readonly client_ca_file?: string | undefined
      }
    | undefined
  readonly max_connections: number
  readonly max_line_bytes: number
  readonly max_waiting_bytes: number
  readonly idle_timeout: number
}
