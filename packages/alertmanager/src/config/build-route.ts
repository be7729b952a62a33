// The routing tree as it works: what a route does not say is as the one above it says.

import { compareUtf8 } from '@tidewatch/core/labels.ts'
import type { ReadContext } from '@tidewatch/yaml/read-context.ts'
import { formatMatchers } from '../matcher.ts'
import type { Route } from '../port.ts'
import { joinMatchers } from './matcher-forms.ts'
import { groupByAll, type RouteValues } from './route-forms.ts'

const defaults = { groupWaitMs: 30_000, groupIntervalMs: 300_000, repeatIntervalMs: 4 * 3_600_000 }

type Written<T> = { -readonly [K in keyof T]: T[K] }

export function buildRoute(values: RouteValues, context: ReadContext): Route {
  return build(values, context, undefined, 0)
}

function build(values: RouteValues, context: ReadContext, parent: Route | undefined, place: number): Route {
  const matchers = joinMatchers(values.match, values.match_re, values.matchers)
  const text = formatMatchers(matchers)
  const names = values.group_by
  const isAll = names?.includes(groupByAll) ?? false
  const route: Written<Route> = {
    receiver: values.receiver === '' ? (parent?.receiver ?? '') : values.receiver,
    matchers,
    continue: values.continue,
    groupBy: names === undefined || isAll ? (parent?.groupBy ?? []) : [...names].sort(compareUtf8),
    // a list takes `...` back, even an empty one
    groupByAll: isAll || (names === undefined && (parent?.groupByAll ?? false)),
    groupWaitMs: values.group_wait ?? parent?.groupWaitMs ?? defaults.groupWaitMs,
    groupIntervalMs: values.group_interval ?? parent?.groupIntervalMs ?? defaults.groupIntervalMs,
    repeatIntervalMs: values.repeat_interval ?? parent?.repeatIntervalMs ?? defaults.repeatIntervalMs,
    // intervals hold for the route that names them alone
    muteTimeIntervals: values.mute_time_intervals ?? [],
    activeTimeIntervals: values.active_time_intervals ?? [],
    parent,
    routes: [],
    key: parent === undefined ? text : `${parent.key}/${text}`,
    id: parent === undefined ? text : `${parent.id}/${text}/${place}`,
    where: context.whereOf(values),
  }
  route.routes = (values.routes ?? []).map((child, i) => build(child, context, route, i))
  return route
}
