// The policy in force, made of alertmanager.yml where there is one, and of the channels of tidewatch.yml.
import type { AlertmanagerConfig, Route } from '@tidewatch/alertmanager/port.ts'
import { matchRoutes } from '@tidewatch/alertmanager/routes.ts'
import { TimeIntervals } from '@tidewatch/alertmanager/time-intervals.ts'
import { severityOf } from '@tidewatch/core/severity.ts'
import type { Integration } from '../../notify/port.ts'
import { allChannels, channelsRoute, defaultTree } from './default-tree.ts'
import type { Destination, DispatchPolicy } from './policy.ts'

/** A channel of tidewatch.yml or of the environment, and the receivers of alertmanager.yml to which it adds itself. */
export interface NamedChannel {
  readonly integration: Integration
  readonly receivers: readonly string[]
}

export interface RoutingParts {
  /** Undefined: the default tree. */
  readonly config: Pick<AlertmanagerConfig, 'route' | 'inhibitRules' | 'timeIntervals' | 'global'> | undefined
  /** Of alertmanager.yml's receivers. */
  readonly integrations: readonly Destination[]
  readonly channels: readonly NamedChannel[]
}

const defaultResolveTimeoutMs = 5 * 60_000
/** Channels and severities of rules together make a handful of routes; more come from mistakes. */
const maxChannelRoutes = 1000

export function createPolicy({ config, integrations, channels }: RoutingParts): DispatchPolicy {
  const root = config?.route ?? defaultTree()
  const byReceiver = Map.groupBy<string, Destination>(integrations, ({ receiver }) => receiver)
  for (const { integration, receivers } of channels) {
    const { key, sendsResolved, receiver: name } = integration
    const joins = config === undefined ? [allChannels] : receivers
    for (const receiver of joins) {
      const destination = { key, sendsResolved, receiver: config === undefined ? name : receiver }
      byReceiver.set(receiver, [...(byReceiver.get(receiver) ?? []), destination])
    }
  }
  const byName = new Map(channels.map(({ integration }) => [integration.receiver, integration]))
  const ownRoutes = new Map<string, Route>()
  const ownDestinations = new Map<Route, readonly Destination[]>()
  const ownRoute = (names: readonly string[], severity: string): Route | undefined => {
    const known = names.filter((name) => byName.has(name))
    // nobody would hear of it: the tree knows somebody
    if (known.length === 0) return undefined
    const isCritical = severityOf(severity) === 'critical'
    const key = `${isCritical} ${known.join('\n')}`
    const there = ownRoutes.get(key)
    if (there !== undefined) return there
    if (ownRoutes.size >= maxChannelRoutes) return undefined
    const route = channelsRoute(known, isCritical)
    ownRoutes.set(key, route)
    ownDestinations.set(
      route,
      known.map((name) => byName.get(name)).filter((one) => one !== undefined),
    )
    return route
  }
  return {
    routesFor({ labels, channels: named }) {
      const own = named === undefined || named.length === 0 ? undefined : ownRoute(named, labels.get('severity'))
      return own === undefined ? matchRoutes(root, labels) : [own]
    },
    destinationsOf: (route) => ownDestinations.get(route) ?? byReceiver.get(route.receiver) ?? [],
    root,
    receivers: [...new Set([...byReceiver.keys(), ...receiversOf(root)])],
    inhibitRules: config?.inhibitRules ?? [],
    intervals: new TimeIntervals(config?.timeIntervals ?? new Map()),
    resolveTimeoutMs: config?.global.resolve_timeout ?? defaultResolveTimeoutMs,
  }
}

function receiversOf(route: Route): string[] {
  return [route.receiver, ...route.routes.flatMap(receiversOf)]
}
