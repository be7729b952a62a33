// The policy in force, made of alertmanager.yml where there is one, and of the channels of tidewatch.yml.
import type { AlertmanagerConfig, Route } from '@tidewatch/alertmanager/port.ts'
import { matchRoutes } from '@tidewatch/alertmanager/routes.ts'
import { TimeIntervals } from '@tidewatch/alertmanager/time-intervals.ts'
import { severityOf } from '@tidewatch/core/severity.ts'
import type { Integration } from '../../notify/port.ts'
import { allChannels, channelsRoute, defaultTree } from './default-tree.ts'
import type { Destination, DispatchPolicy } from './policy.ts'
import type { Restraint } from './restraint.ts'

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
  readonly restraint?: Restraint | undefined
}

/** Actions of rules whose alerts are kept and shown, where there is no channel of that name. */
export const recordOnly: ReadonlySet<string> = new Set(['log', 'record', 'none'])

const defaultResolveTimeoutMs = 5 * 60_000
/** Channels and severities of rules together make a handful of routes; more come from mistakes. */
const maxChannelRoutes = 1000

export function createPolicy({ config, integrations, channels, restraint }: RoutingParts): DispatchPolicy {
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
  // a rule may say `telegram` where there is a channel of that kind and none of that name
  const meantBy = (name: string): readonly Integration[] => {
    const named = byName.get(name)
    return named === undefined ? [...byName.values()].filter(({ channel }) => channel.kind === name) : [named]
  }
  const ownRoutes = new Map<string, Route>()
  const ownDestinations = new Map<Route, readonly Destination[]>()
  const ownRoute = (names: readonly string[], severity: string): Route | undefined => {
    const found = [...new Set(names.flatMap(meantBy))]
    // nobody would hear of it: the tree knows somebody, unless the rule wants its alerts kept and no more
    if (found.length === 0 && !names.every((name) => recordOnly.has(name))) return undefined
    const known = found.map(({ receiver }) => receiver)
    const isCritical = severityOf(severity) === 'critical'
    const key = `${isCritical} ${known.join('\n')}`
    const there = ownRoutes.get(key)
    if (there !== undefined) return there
    if (ownRoutes.size >= maxChannelRoutes) return undefined
    const route = channelsRoute(known, isCritical)
    ownRoutes.set(key, route)
    ownDestinations.set(route, found)
    return route
  }
  return {
    routesFor({ labels, channels: named }) {
      const own = named === undefined ? undefined : ownRoute(named, labels.get('severity'))
      return own === undefined ? matchRoutes(root, labels) : [own]
    },
    destinationsOf: (route) => ownDestinations.get(route) ?? byReceiver.get(route.receiver) ?? [],
    root,
    receivers: [...new Set([...byReceiver.keys(), ...receiversOf(root)])],
    inhibitRules: config?.inhibitRules ?? [],
    restraint,
    intervals: new TimeIntervals(config?.timeIntervals ?? new Map()),
    resolveTimeoutMs: config?.global.resolve_timeout ?? defaultResolveTimeoutMs,
  }
}

function receiversOf(route: Route): string[] {
  return [route.receiver, ...route.routes.flatMap(receiversOf)]
}
