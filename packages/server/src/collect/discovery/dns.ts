// dns_sd_configs: prometheus.io/docs/prometheus/latest/configuration/configuration/#dns_sd_config

import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { AppError } from '@tidewatch/core/error.ts'
import type { DnsDiscoveryConfig, TargetGroup } from '../config.ts'
import type { Discovery, DiscoveryParts } from './discovery.ts'
import { Refreshing } from './refreshing.ts'
import { namesToAsk, readSearchPath, type SearchPath } from './search-path.ts'

export interface DnsOptions {
  /** Servers to ask; those of the system by default. */
  readonly servers?: readonly string[]
  readonly resolvConf?: string
}

/** One question to one server, and how often it is asked. */
const timeoutMs = 2000
const tries = 2
/** Answers to one name; more would be a mistake of whoever keeps the zone. */
const maxRecords = 10_000

type DnsTarget = TargetGroup

/** Looks names up. A name that cannot be asked for keeps its last targets; one that does not exist has none. */
export class DnsTargets implements Discovery {
  readonly #config: DnsDiscoveryConfig
  readonly #parts: DiscoveryParts
  readonly #options: DnsOptions
  readonly #refreshing: Refreshing
  readonly #found = new Map<string, readonly DnsTarget[]>()
  #text = '[]'

  constructor(config: DnsDiscoveryConfig, parts: DiscoveryParts, options: DnsOptions = {}) {
    this.#config = config
    this.#parts = parts
    this.#options = options
    this.#refreshing = new Refreshing({
      mechanism: 'dns',
      everyMs: config.refresh_interval,
      parts,
      refresh: (signal) => this.#refresh(signal),
    })
  }

  get groups(): readonly TargetGroup[] {
    return this.#config.names.flatMap((name) => this.#found.get(name) ?? [])
  }

  async start(): Promise<void> {
    this.#refreshing.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#refreshing[Symbol.asyncDispose]()
  }

  async #refresh(signal: AbortSignal): Promise<boolean> {
    // made anew each time: the system's servers and search path may have changed
    const resolver = new Resolver({ timeout: timeoutMs, tries })
    if (this.#options.servers !== undefined) resolver.setServers(this.#options.servers)
    const path = await searchPath(this.#options.resolvConf ?? '/etc/resolv.conf')
    const cancel = (): void => resolver.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const failures: unknown[] = []
      await Promise.all(
        this.#config.names.map(async (name) => {
          try {
            this.#found.set(name, await this.#lookUp(name, resolver, path))
          } catch (error) {
            failures.push(error)
          }
        }),
      )
      const text = JSON.stringify(this.groups)
      const changed = text !== this.#text
      this.#text = text
      if (failures.length > 0 && !signal.aborted) {
        if (changed) await this.#parts.onChange()
        throw failures[0]
      }
      return changed
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  /** The first name of the search path that has records; none where all answers say that there are none. */
  async #lookUp(name: string, resolver: Resolver, path: SearchPath): Promise<readonly DnsTarget[]> {
    let failure: unknown
    for (const asked of namesToAsk(name, path)) {
      try {
        const targets = await this.#ask(asked, resolver)
        if (targets.length > 0) return targets.slice(0, maxRecords).map((target) => withName(target, name))
      } catch (error) {
        if (!isAbsence(error)) failure = error
      }
    }
    if (failure === undefined) return []
    const reason = failure instanceof Error ? failure.message : String(failure)
    throw new AppError('collect.unreachable', `${name} cannot be looked up: ${reason}`, { cause: failure })
  }

  async #ask(name: string, resolver: Resolver): Promise<readonly DnsTarget[]> {
    const { type, port } = this.#config
    switch (type) {
      case 'A':
        return (await resolver.resolve4(name)).map((address) => target(address, port))
      case 'AAAA':
        return (await resolver.resolve6(name)).map((address) => target(address, port))
      case 'SRV':
        return (await resolver.resolveSrv(name)).map((record) =>
          target(withoutDot(record.name), record.port, {
            __meta_dns_srv_record_target: withDot(record.name),
            __meta_dns_srv_record_port: String(record.port),
          }),
        )
      case 'MX':
        return (await resolver.resolveMx(name)).map(({ exchange }) =>
          target(withoutDot(exchange), port, { __meta_dns_mx_record_target: withDot(exchange) }),
        )
      case 'NS':
        return (await resolver.resolveNs(name)).map((server) =>
          target(withoutDot(server), port, { __meta_dns_ns_record_target: withDot(server) }),
        )
      default:
        return type satisfies never
    }
  }
}

function target(host: string, port: number, labels: Readonly<Record<string, string>> = {}): DnsTarget {
  return { targets: [`${isIPv6(host) ? `[${host}]` : host}:${port}`], labels }
}

const withName = ({ targets, labels }: DnsTarget, name: string): DnsTarget => ({
  targets,
  labels: { ...labels, __meta_dns_name: name },
})

const withoutDot = (name: string): string => name.replace(/\.$/, '')
/** As the record has it, and Prometheus shows it. */
const withDot = (name: string): string => `${withoutDot(name)}.`

/** The name or the type does not exist: an answer, not a failure. */
function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA')
}

async function searchPath(file: string): Promise<SearchPath> {
  try {
    return readSearchPath(await readFile(file, 'utf8'))
  } catch {
    // a system without the file has no search path either
    return readSearchPath('')
  }
}
