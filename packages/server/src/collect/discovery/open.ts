// The discoveries of a job, each with a key that stays the same while it is configured alike.
import { createHttpClient, type HttpClientOptions } from '../http-client/client.ts'
import { httpConfigOf } from '../http-config/port.ts'
import { keyOf, type ScrapeJob } from '../scrape/job.ts'
import type { Discovery, DiscoveryParts } from './discovery.ts'
import { DnsTargets } from './dns.ts'
import { FileTargets } from './files.ts'
import { HttpTargets } from './http.ts'

export interface WantedDiscovery {
  readonly key: string
  open(parts: DiscoveryParts): Discovery
}

/** In the order in which their targets come. */
export function wantedDiscoveries(
  { discoveries, baseDir }: ScrapeJob,
  client: Omit<HttpClientOptions, 'baseDir'>,
): readonly WantedDiscovery[] {
  return [
    ...discoveries.files.map((config) => ({
      key: keyOf(['file', config, baseDir]),
      open: (parts: DiscoveryParts) => new FileTargets(config, parts),
    })),
    ...discoveries.http.map((config) => ({
      key: keyOf(['http', config, baseDir]),
      open: (parts: DiscoveryParts) =>
        new HttpTargets(config, createHttpClient(httpConfigOf(config), { ...client, baseDir }), parts),
    })),
    ...discoveries.dns.map((config) => ({
      key: keyOf(['dns', config]),
      open: (parts: DiscoveryParts) => new DnsTargets(config, parts),
    })),
  ]
}
