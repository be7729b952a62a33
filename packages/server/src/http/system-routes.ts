// How others see whether the server lives: probes, health, own metrics, the description of the API.
import { health as healthSchema } from '@tidewatch/api/health.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { stringify } from 'yaml'
import { z } from 'zod'
import type { Health, Metrics } from '../self/port.ts'
import { openApi } from './openapi.ts'
import { defineRoute, type Route } from './port.ts'

export interface SystemRoutesOptions {
  readonly clock: Clock
  readonly health: Health
  readonly metrics: Metrics
  readonly version: string
  readonly externalUrl: string | undefined
  /** True once the server has begun to stop. */
  readonly isStopping: () => boolean
  /** All routes, for the description. */
  readonly allRoutes: () => readonly Route[]
}

export function systemRoutes(options: SystemRoutesOptions): readonly Route[] {
  return [
    healthyRoute(),
    readyRoute(options),
    healthRoute(options),
    metricsRoute(options),
    openApiRoute(options),
    openApiYamlRoute(options),
  ]
}

function healthyRoute(): Route {
  return defineRoute({
    method: 'GET',
    path: '/-/healthy',
    permission: 'public',
    errors: 'text',
    cors: true,
    summary: 'The process answers.',
    handle: () => ({ body: 'Tidewatch is healthy.\n' }),
  })
}

function readyRoute({ health, isStopping }: SystemRoutesOptions): Route {
  return defineRoute({
    method: 'GET',
    path: '/-/ready',
    permission: 'public',
    errors: 'text',
    cors: true,
    summary: 'All required parts serve; 503 names those that do not.',
    handle: () => {
      if (isStopping()) return { status: 503, body: 'Tidewatch is stopping.\n' }
      const { ready, parts } = health.report()
      if (ready) return { body: 'Tidewatch is ready.\n' }
      const waiting = parts
        .filter(({ state }) => state === 'starting' || state === 'down')
        .map(({ name, state }) => `${name}: ${state}`)
      return { status: 503, body: `Tidewatch is not ready. ${waiting.join(', ')}\n` }
    },
  })
}

function healthRoute({ clock, health, version, isStopping }: SystemRoutesOptions): Route {
  const beganMs = clock.monotonicMs()
  return defineRoute({
    method: 'GET',
    path: '/health',
    permission: 'public',
    errors: 'tidewatch',
    summary: 'How each part is; the reasons for those signed in.',
    response: healthSchema,
    handle: ({ identity }) => {
      const report = health.report()
      const mayRead = identity.permissions.has('view')
      const ready = report.ready && !isStopping()
      const parts = report.parts.map(({ reason, ...part }) => ({
        ...part,
        ...(mayRead && reason !== undefined ? { reason } : {}),
      }))
      const uptimeSeconds = Math.round(clock.monotonicMs() - beganMs) / 1000
      return { status: ready ? 200 : 503, body: { status: report.status, ready, version, uptimeSeconds, parts } }
    },
  })
}

function metricsRoute({ metrics }: SystemRoutesOptions): Route {
  return defineRoute({
    method: 'GET',
    path: '/metrics',
    permission: 'view',
    errors: 'text',
    summary: "The server's own metrics in Prometheus's text format.",
    handle: () => ({ headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: metrics.text() }),
  })
}

function openApiRoute({ version, externalUrl, allRoutes }: SystemRoutesOptions): Route {
  let description: Record<string, unknown> | undefined
  return defineRoute({
    method: 'GET',
    path: '/api/tidewatch/v1/openapi.json',
    permission: 'public',
    errors: 'tidewatch',
    cors: true,
    summary: 'This description.',
    handle: () => {
      description ??= openApi(allRoutes(), { version, externalUrl })
      return { body: description }
    },
  })
}

/** Prometheus's clients look for its API's description here; 3.1 unless 3.2 is asked for, as it answers. */
function openApiYamlRoute({ version, externalUrl, allRoutes }: SystemRoutesOptions): Route {
  const texts = new Map<string, string>()
  return defineRoute({
    method: 'GET',
    path: '/api/v1/openapi.yaml',
    permission: 'public',
    errors: 'prometheus',
    cors: true,
    summary: "The description of Prometheus's API, as YAML.",
    query: z.object({ openapi_version: z.enum(['3.1', '3.2']).default('3.1') }),
    handle: ({ query: { openapi_version: form } }) => {
      const ofPrometheus = allRoutes().filter(({ path }) => path.startsWith('/api/v1/'))
      const text =
        texts.get(form) ?? stringify({ ...openApi(ofPrometheus, { version, externalUrl }), openapi: `${form}.0` })
      texts.set(form, text)
      return { headers: { 'content-type': 'application/yaml; charset=utf-8' }, body: text }
    },
  })
}
