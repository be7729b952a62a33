import { AppError } from '@tidewatch/core/error.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import { defineReceiver } from '../port.ts'
import { exposeJson, exposeText } from './pushgateway/expose.ts'
import { type Pushed, readFamilies } from './pushgateway/families.ts'
import { Gateway, type PushgatewayParts } from './pushgateway/gateway.ts'
import { parseGrouping } from './pushgateway/grouping.ts'
import type { Grouping } from './pushgateway/groups.ts'

const maxBytes = 16 << 20

/**
 * The API of Prometheus's Pushgateway (https://github.com/prometheus/pushgateway). What is pushed is stored as samples, so nothing has to scrape it;
 * a scrape of ours finds none of it, that of another Prometheus does.
 */
export const pushgateway = defineReceiver({
  kind: 'pushgateway',
  title: 'Prometheus Pushgateway',
  routes(parts) {
    const gateway = new Gateway(parts)
    parts.tasks.run('pushgateway', (signal) => gateway.keep(signal), { restart: true })
    return [
      ...groupRoutes('/metrics/job/*', { gateway, parts, isJobEncoded: false }),
      ...groupRoutes('/metrics/job@base64/*', { gateway, parts, isJobEncoded: true }),
      exposeRoute(gateway),
      apiRoute(gateway),
      wipeRoute(gateway),
    ]
  },
})

interface GroupRouteParts {
  readonly gateway: Gateway
  readonly parts: PushgatewayParts
  readonly isJobEncoded: boolean
}

interface PathParams {
  readonly '*': string
}

function groupRoutes(path: string, { gateway, parts, isJobEncoded }: GroupRouteParts): Route[] {
  const groupOf = (
    context: RequestContext<PathParams>,
  ): { project: typeof context.identity.project; grouping: Grouping } => ({
    project: context.identity.project,
    grouping: parseGrouping(context.params['*'], { isJobEncoded }),
  })
  const shared = { path, permission: 'ingest', errors: 'text' } as const
  const pushRoute = (method: 'PUT' | 'POST', summary: string): Route =>
    defineRoute<PathParams, unknown, Uint8Array>({
      ...shared,
      method,
      summary,
      bodyKind: 'bytes',
      limits: { maxBytes, maxInflatedBytes: maxBytes },
      async handle(context) {
        const group = groupOf(context)
        parts.acceptor.checkRoom()
        const pushed = await readPushed(context, parts)
        const complaint = await gateway.push(group, pushed, {
          replaces: method === 'PUT',
          signal: context.signal,
        })
        if (complaint !== undefined) return refused(complaint)
        return { status: 200, body: '' }
      },
    })
  return [
    pushRoute('PUT', 'Pushgateway: replaces a group of metrics'),
    pushRoute('POST', 'Pushgateway: replaces the metrics of the same names in a group'),
    defineRoute<PathParams>({
      ...shared,
      method: 'DELETE',
      summary: 'Pushgateway: deletes a group of metrics',
      async handle(context) {
        const { project, grouping } = groupOf(context)
        parts.acceptor.checkRoom()
        await gateway.delete(project, grouping)
        return { status: 202, body: '' }
      },
    }),
  ]
}

function refused(complaint: string): Answer {
  return {
    status: 400,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `pushed metrics are invalid or inconsistent with existing metrics: ${complaint}\n`,
  }
}

/** As the Pushgateway: what does not say that it is something else is the text format, whatever curl calls it. */
async function readPushed(
  { body, headers, signal }: RequestContext<PathParams, unknown, Uint8Array>,
  { readExposition }: PushgatewayParts,
): Promise<Pushed> {
  const [type, ...parameters] = (headers['content-type'] ?? '')
    .toString()
    .split(';')
    .map((part) => part.trim().replaceAll('"', ''))
  switch (type.toLowerCase()) {
    case 'application/vnd.google.protobuf':
      if (parameters.includes('encoding=delimited') && parameters.includes('proto=io.prometheus.client.MetricFamily'))
        return readFamilies(body, { format: 'protobuf', signal }, readExposition)
      throw new AppError(
        'http.media_type',
        `the content type ${type} with ${parameters.join('; ')} is not taken here.`,
        {
          fix: 'Send application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited, or the text format.',
        },
      )
    case 'application/openmetrics-text':
      return readFamilies(body, { format: 'openmetrics', signal }, readExposition)
    default:
      return readFamilies(body, { format: 'text', signal }, readExposition)
  }
}

/** What our own scraper calls itself. */
const ownScraper = /^Tidewatch\//

function exposeRoute(gateway: Gateway): Route {
  return defineRoute({
    method: 'GET',
    path: '/pushgateway/metrics',
    permission: 'view',
    errors: 'text',
    summary: 'What was pushed, for another Prometheus to scrape; empty for our own scraper',
    async handle({ identity, headers }) {
      const isOurs = ownScraper.test(headers['user-agent']?.toString() ?? '')
      return {
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
        body: isOurs
          ? '# Tidewatch stores what is pushed by itself: this scrape job is not needed.\n'
          : await exposeText(await gateway.groups(identity.project)),
      }
    },
  })
}

function apiRoute(gateway: Gateway): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/metrics',
    permission: 'view',
    errors: 'prometheus',
    summary: 'Pushgateway: all groups with their metrics',
    handle: async ({ identity }) => ({
      body: { status: 'success', data: exposeJson(await gateway.groups(identity.project)) },
    }),
  })
}

function wipeRoute(gateway: Gateway): Route {
  return defineRoute({
    method: 'PUT',
    path: '/api/v1/admin/wipe',
    permission: 'admin',
    errors: 'text',
    summary: 'Pushgateway: deletes all groups',
    async handle({ identity }) {
      await gateway.wipe(identity.project)
      return { status: 202, body: '' }
    },
  })
}
