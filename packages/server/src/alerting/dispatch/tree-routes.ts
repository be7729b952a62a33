// The tree of routes as people look at it, and where an alert with given labels would go.

import { formatMatcher } from '@tidewatch/alertmanager/matcher.ts'
import type { Route as AlertRoute } from '@tidewatch/alertmanager/port.ts'
import { groupKeyOf, groupLabelsOf } from '@tidewatch/alertmanager/routes.ts'
import { type RouteNode, routeTrace, routeTree, traceRequest } from '@tidewatch/api/routing.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { defineRoute, type Route } from '../../http/port.ts'
import type { SilenceBook } from '../silences/silence-book.ts'
import { mutingIntervals } from './flush.ts'
import type { Dispatcher } from './live.ts'
import type { DispatchPolicy } from './policy.ts'

export interface TreeRoutesOptions {
  readonly dispatcher: Pick<Dispatcher, 'policy' | 'machine'>
  readonly silences: Pick<SilenceBook, 'silencesOf'>
  /** No alertmanager.yml is there. */
  readonly isDefault: () => boolean
  readonly clock: Clock
}

const path = '/api/tidewatch/v1/alerts/routes'

export function createTreeRoutes(options: TreeRoutesOptions): Route[] {
  return [
    defineRoute({
      ...{ method: 'GET', path, permission: 'view', errors: 'tidewatch', response: routeTree },
      summary: 'The tree by which alerts find people',
      handle: () => ({ body: treeOf(options) }),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${path}/trace`, permission: 'view', errors: 'tidewatch' },
      ...{ bodyKind: 'json', body: traceRequest, response: routeTrace },
      summary: 'Where an alert with these labels would go now',
      handle: ({ body }) => ({ body: traceOf(Labels.from(body.labels), options) }),
    }),
  ]
}

function treeOf({ dispatcher: { policy, machine }, isDefault, clock }: TreeRoutesOptions) {
  const groups = new Map<string, number>()
  for (const { route } of machine?.groups.values() ?? []) groups.set(route.id, (groups.get(route.id) ?? 0) + 1)
  const nowMs = clock.nowMs()
  const node = (route: AlertRoute): RouteNode => ({
    ...{ id: route.id, receiver: route.receiver, continue: route.continue },
    matchers: route.matchers.map(formatMatcher),
    groupBy: route.groupByAll ? ['...'] : [...route.groupBy],
    ...{ groupWaitMs: route.groupWaitMs, groupIntervalMs: route.groupIntervalMs },
    repeatIntervalMs: route.repeatIntervalMs,
    muteTimeIntervals: [...route.muteTimeIntervals],
    activeTimeIntervals: [...route.activeTimeIntervals],
    integrations: integrationsOf(policy, route),
    groups: groups.get(route.id) ?? 0,
    mutedBy: [...mutingIntervals(policy, route, nowMs)],
    routes: route.routes.map(node),
  })
  return {
    root: node(policy.root),
    receivers: [...policy.receivers],
    inhibitRules: policy.inhibitRules.map(({ sourceMatchers, targetMatchers, equal }) => ({
      source: sourceMatchers.map(formatMatcher),
      target: targetMatchers.map(formatMatcher),
      equal: [...equal],
    })),
    isDefault: isDefault(),
  }
}

const integrationsOf = (policy: DispatchPolicy, route: AlertRoute): string[] =>
  policy.destinationsOf(route).map(({ key }) => key)

function traceOf(labels: Labels, { dispatcher: { policy, machine }, silences, clock }: TreeRoutesOptions) {
  const nowMs = clock.nowMs()
  return {
    routes: policy.routesFor({ labels, channels: undefined }).map((route) => {
      const groupLabels = groupLabelsOf(route, labels)
      return {
        ...{ id: route.id, receiver: route.receiver, integrations: integrationsOf(policy, route) },
        ...{ groupKey: groupKeyOf(route, groupLabels), groupLabels: groupLabels.toObject() },
        ...{ groupWaitMs: route.groupWaitMs, mutedBy: [...mutingIntervals(policy, route, nowMs)] },
      }
    }),
    inhibitedBy: [...(machine?.inhibitor.isInhibited(labels, nowMs)?.by ?? [])],
    silencedBy: [...silences.silencesOf(labels, nowMs)],
  }
}
