// The tree without an alertmanager.yml, and the routes of rules that name their channels.
import { createMatcher } from '@tidewatch/alertmanager/matcher.ts'
import type { Route } from '@tidewatch/alertmanager/port.ts'
import { wordsOf } from '@tidewatch/core/severity.ts'

/** The receiver of the default tree: all channels of tidewatch.yml and of the environment. */
export const allChannels = 'channels'

/** Others hear of what is new in a group so late; of a critical one people hear within seconds, whatever its group has told before. */
const times = {
  critical: { groupWaitMs: 0, groupIntervalMs: 3000 },
  other: { groupWaitMs: 30_000, groupIntervalMs: 5 * 60_000 },
} as const
const repeatIntervalMs = 4 * 3_600_000

const criticalWords = (): string => `(?i:${wordsOf('critical').join('|')})`

/** Alerts of one name are a group; critical ones wait for no others. */
export function defaultTree(): Route {
  const severity = createMatcher('severity', '=~', criticalWords())
  const routes: Route[] = []
  const root: Route = { ...plainRoute(allChannels, false), routes }
  const key = `{}/{severity=~${JSON.stringify(severity.value)}}`
  routes.push({
    ...plainRoute(allChannels, true),
    ...{ parent: root, matchers: [severity], key, id: `${key}/0` },
  })
  return root
}

/** The same as a file, for whoever asks what is in force. */
export const defaultTreeYaml = (): string => `route:
  receiver: ${allChannels}
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  routes:
    - matchers: ['severity=~"${criticalWords()}"']
      group_wait: 0s
      group_interval: 3s
receivers:
  - name: ${allChannels}
`

/** A route of its own for alerts whose rule names these channels. */
export function channelsRoute(channels: readonly string[], isCritical: boolean): Route {
  const key = `{channels=${JSON.stringify(channels.join(','))}}${isCritical ? '/{critical}' : ''}`
  return { ...plainRoute(channels.join(', '), isCritical), key, id: key }
}

function plainRoute(receiver: string, isCritical: boolean): Route {
  return {
    receiver,
    ...{ matchers: [], continue: false, groupBy: ['alertname'], groupByAll: false },
    ...(isCritical ? times.critical : times.other),
    repeatIntervalMs,
    ...{ muteTimeIntervals: [], activeTimeIntervals: [], parent: undefined, routes: [] },
    ...{ key: '{}', id: '{}', where: {} },
  }
}
