// Protocols over HTTP that have a port of their own as well, for clients that can be told neither a path nor a key: a key of `listeners` each.
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { z } from 'zod'
import type { Route } from '../http/port.ts'
import { type ListenAddress, listenAddress, networkList } from './udp.ts'

export interface HttpListenerDefinition {
  readonly kind: string
  readonly title: string
  /** Where it listens unless said: the usual port, loopback. */
  readonly address: string
  /** Which of all routes are there; their paths are those of the main port. */
  readonly has: (route: Pick<Route, 'method' | 'path'>) => boolean
}

export interface HttpListenerConfig {
  readonly address: ListenAddress
  /** Who may bring data without a key; others need one. */
  readonly networks: readonly string[]
  /** What is brought without a key belongs to. */
  readonly project: ProjectId
  /** Names beside its address that clients reach it by, such as that of a container. */
  readonly hosts: readonly string[]
}

/** What stands below the key of such a listener. */
export function httpListenerSchema({ address }: Pick<HttpListenerDefinition, 'address'>) {
  return z.strictObject({
    address: listenAddress(address),
    networks: networkList(),
    project: z
      .int()
      .min(0)
      .max(0xffff_ffff)
      .default(0)
      .transform((id) => id as ProjectId),
    hosts: z
      .array(z.string().regex(/^[A-Za-z0-9_.-]{1,253}$/, 'not a name such as elasticsearch.'))
      .max(100)
      .default([]),
  })
}

const elasticsearch: HttpListenerDefinition = {
  kind: 'elasticsearch',
  title: 'Elasticsearch',
  address: '127.0.0.1:9200',
  has: ({ method, path }) =>
    (path === '/' && method === 'GET') ||
    path === '/:index' ||
    path.startsWith('/:index/') ||
    path.startsWith('/_') ||
    path === '/elastic' ||
    path.startsWith('/elastic/'),
}

const loki: HttpListenerDefinition = {
  kind: 'loki',
  title: 'Loki',
  address: '127.0.0.1:3100',
  has: ({ path }) => path.startsWith('/loki/') || path.startsWith('/api/prom/') || path === '/otlp/v1/logs',
}

/** One object and one place in the list for each. */
export const httpListeners: readonly HttpListenerDefinition[] = [elasticsearch, loki]
